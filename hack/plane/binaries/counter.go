package binaries

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

const (
	terminalInterval = 200 * time.Millisecond
	fileInterval     = 15 * time.Second
)

// counter shows how far a build is: on a terminal a line that is written over
// and over, else a line now and then.
type counter struct {
	out      io.Writer
	note     string
	terminal bool
	begin    time.Time
	quit     chan struct{}
	done     sync.WaitGroup

	mu    sync.Mutex
	total int
	count int
	fetch string
}

func newCounter(out io.Writer, note string) *counter {
	c := &counter{out: out, note: note, terminal: isTerminal(out), begin: time.Now(), quit: make(chan struct{})}
	c.print()
	c.done.Go(c.run)
	return c
}

func (c *counter) run() {
	interval := fileInterval
	if c.terminal {
		interval = terminalInterval
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.print()
		case <-c.quit:
			return
		}
	}
}

// stop prints where the build ended.
func (c *counter) stop() {
	close(c.quit)
	c.done.Wait()
	c.print()
	if c.terminal {
		fmt.Fprintln(c.out)
	}
}

// expect sets how many packages there are to be compiled.
func (c *counter) expect(total int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total = total
}

func (c *counter) compiled() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	c.fetch = ""
}

func (c *counter) downloading(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fetch = what
}

func (c *counter) print() {
	c.mu.Lock()
	state := "looking at what there is to build"
	switch {
	case c.fetch != "":
		state = "downloading " + c.fetch
	case c.total > 0:
		state = fmt.Sprintf("%d/%d packages", c.count, c.total)
	}
	c.mu.Unlock()
	line := fmt.Sprintf("%s: %s, %v", c.note, state, time.Since(c.begin).Round(time.Second))
	if c.terminal {
		fmt.Fprintf(c.out, "\r\033[K%s", line)
		return
	}
	fmt.Fprintln(c.out, line)
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
