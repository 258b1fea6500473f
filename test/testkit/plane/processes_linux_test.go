package plane

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// family returns the process and all that descend from it.
func family(t *testing.T, pid int) []int {
	t.Helper()
	children := map[int][]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // It ended meanwhile.
		}
		fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		require.NoError(t, err)
		parent, err := strconv.Atoi(fields[1])
		require.NoError(t, err)
		children[parent] = append(children[parent], child)
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// running returns which of the processes still run. That one ended and its ID
// went to another within a test is next to impossible, and would only fail it.
func running(pids []int) []int {
	return slices.DeleteFunc(slices.Clone(pids), func(pid int) bool {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		// The first thread of a process that was killed may end before the others,
		// which hold its ports until they have.
		threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		return err != nil || (strings.Contains(string(raw), ") Z ") && len(threads) <= 1)
	})
}

// listeners returns the addresses on which the process waits for others.
func listeners(t *testing.T, pid int) []netip.Addr {
	t.Helper()
	mine := map[string]bool{}
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	require.NoError(t, err)
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil {
			mine[target] = true
		}
	}
	var found []netip.Addr
	for _, table := range []struct{ name, state string }{{"tcp", "0A"}, {"tcp6", "0A"}, {"udp", "07"}, {"udp6", "07"}} {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table.name))
		if os.IsNotExist(err) {
			continue // A kernel without IPv6.
		}
		require.NoError(t, err)
		for line := range strings.Lines(string(raw)) {
			// sl, local address, remote address, state, ..., inode
			fields := strings.Fields(line)
			if fields[3] == table.state && mine["socket:["+fields[9]+"]"] {
				found = append(found, address(t, fields[1]))
			}
		}
	}
	return found
}

// address decodes the kernel's way to write one: words of 32 bits, each with
// its bytes in the machine's order, which is backwards where tests run.
func address(t *testing.T, field string) netip.Addr {
	t.Helper()
	raw, err := hex.DecodeString(strings.Split(field, ":")[0])
	require.NoError(t, err)
	for word := range slices.Chunk(raw, 4) {
		slices.Reverse(word)
	}
	addr, ok := netip.AddrFromSlice(raw)
	require.True(t, ok, "address %s", field)
	return addr.Unmap()
}

func TestNothingListensBeyondLoopback(t *testing.T) {
	p := Fresh(t, Options{Nodes: 2, Kafka: true, AuditLog: true}) // as the shared one, which may be another program's
	count := 0
	for _, pid := range family(t, p.Pid()) {
		name, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		require.NoError(t, err)
		for _, addr := range listeners(t, pid) {
			count++
			require.True(t, addr.IsLoopback(), "%s listens at %v", strings.ReplaceAll(string(name), "\x00", " "), addr)
		}
	}
	// etcd's two, the API server's, two for controllers and scheduler, Kafka's.
	require.Equal(t, 6, count, "number of listening sockets")
}
