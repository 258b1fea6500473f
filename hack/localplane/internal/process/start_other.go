//go:build !linux

package process

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// startOf returns when a process began, according to ps. A zombie is dead.
func startOf(pid int) (string, error) {
	out, err := exec.Command("ps", "-o", "state=,lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		// ps ends with 1 and says nothing where there is no such process.
		return "", fmt.Errorf("%w: %d", errDead, pid)
	}
	state, start, found := strings.Cut(strings.TrimSpace(string(out)), " ")
	if !found || strings.HasPrefix(state, "Z") {
		return "", fmt.Errorf("%w: %d", errDead, pid)
	}
	return strings.TrimSpace(start), nil
}
