package binaries

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// unusedFor is how long a build stays without being used. Each takes 200 MB, and
// each change of a source file makes another.
const unusedFor = 7 * 24 * time.Hour

// noteUse keeps a build from being pruned for a while. A cache that can't be
// written to isn't pruned either, so an error is of no consequence.
func noteUse(target string) {
	now := time.Now()
	_ = os.Chtimes(target, now, now)
}

// prune removes the builds from the cache that were not used since then, and
// what is left of those that were broken off before.
func prune(cache string, since time.Time) error {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return fmt.Errorf("list the cache of built programs: %w", err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue // The lock.
		}
		info, err := entry.Info()
		// What is gone already was another process's to remove.
		if err != nil || info.ModTime().After(since) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(cache, entry.Name())); err != nil {
			return fmt.Errorf("remove an unused build: %w", err)
		}
	}
	return nil
}
