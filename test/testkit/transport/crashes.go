package transport

import (
	"fmt"
	"testing"
)

// EachCrash runs a test for each of so many writes at which a manager can crash:
// once with the write not sent, once with it sent and its answer lost. Which one
// it is, and the fault, are arguments of CrashAt.
func EachCrash(t *testing.T, writes int, crash func(t *testing.T, k int, fault Fault)) {
	t.Helper()
	for how, fault := range map[string]Fault{"is not sent": Drop{}, "is sent, its answer lost": LoseAnswer{}} {
		for k := 1; k <= writes; k++ {
			t.Run(fmt.Sprintf("write %d %s", k, how), func(t *testing.T) { crash(t, k, fault) })
		}
	}
}
