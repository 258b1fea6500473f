package manifest

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// worst are blobs that are made to cost as much memory as they can, and those that
// are just within each limit.
func worst() map[string]string {
	const head = "apiVersion: v1\nkind: A\nmetadata: {name: a%d}\n"
	aliases := &strings.Builder{}
	for i := range MaxDocuments {
		fmt.Fprintf(aliases, head+"x: &a [%s]\ny: [%s]\n---\n", i, strings.Repeat("b,", 100), strings.Repeat("*a,", 200))
	}
	long := &strings.Builder{}
	for i := range 64 {
		fmt.Fprintf(long, head+"x: &a %s\ny: [%s]\n---\n", i, strings.Repeat("b", 4000), strings.Repeat("*a,", 15))
	}
	filled := func(open, item, end string, items int) string {
		return fmt.Sprintf(head, 0) + open + strings.Repeat(item, min(items, (MaxBytes-100)/len(item))) + end
	}
	return map[string]string{
		"aliasing documents":       aliases.String(),
		"aliases of long strings":  long.String(),
		"a list of all bytes":      filled("x: [", "b,", "]", MaxBytes),
		"a list":                   filled("x: [", "b,", "]", MaxNodes-100),
		"null pairs":               filled("x: {", "a,", "}", MaxNodes-100),
		"maps":                     filled("x: [", "{},", "]", MaxNodes/2-100),
		"maps of one":              filled("x: [", "{a: b},", "]", MaxNodes/3-100),
		"maps in maps":             filled("x: [", strings.Repeat("{a: ", 100)+strings.Repeat("}", 100)+",", "]", MaxNodes/200-100),
		"list items of a line":     filled("x:\n", "-\n", "", MaxNodes/2-100),
		"many long lines":          filled("x:\n", "- "+strings.Repeat("b", 50)+"\n", "", MaxNodes/2-100),
		"escapes":                  filled("x: \"", "\\0", "\"", MaxBytes),
		"JSON lists":               `{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "x": [` + strings.Repeat("[],", MaxNodes/2-100) + "1]}",
		"JSON maps":                `{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "x": [` + strings.Repeat(`{"a":{}},`, MaxNodes/4-100) + "1]}",
		"a text that is one value": filled("x: |\n", "  "+strings.Repeat("b", 60)+"\n", "", MaxBytes),
	}
}

// peak is the most memory that a function holds at once, in bytes, garbage that was
// not collected yet included.
func peak(f func()) uint64 {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	var most uint64
	stop := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() {
		tick := time.NewTicker(200 * time.Microsecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
		}
	})
	f()
	close(stop)
	looking.Wait()
	return most - min(before.HeapAlloc, most)
}

func TestTheWorstBlobTakesLessThan64MiB(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(50)) // what is held counts more than what is garbage
	for name, blob := range worst() {
		t.Run(name, func(t *testing.T) {
			var documents []Document
			var err error
			took := peak(func() { documents, err = Decode(blob, place) })
			t.Logf("%d bytes, %d documents, %v: %.1f MiB", len(blob), len(documents), err, float64(took)/(1<<20))
			assert.Less(t, took, uint64(64<<20))
			runtime.KeepAlive(documents)
		})
	}
}

func TestWhatAliasesComeToIsBoundedForAllDocumentsTogether(t *testing.T) {
	// Each document is within the limit of a blob, and all of them are not.
	one := "apiVersion: v1\nkind: A\nmetadata: {name: a%d}\nx: &a " + strings.Repeat("b", 1000) + "\ny: [" + strings.Repeat("*a,", 2000) + "]\n---\n"
	_, err := Decode(fmt.Sprintf(one, 0), place)
	assert.NoError(t, err)
	_, err = Decode(fmt.Sprintf(one, 0)+fmt.Sprintf(one, 1)+fmt.Sprintf(one, 2), place)
	assert.ErrorContains(t, err, "document 3: brings the blob to more than 4194304 bytes")
}
