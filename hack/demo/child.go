package main

import (
	"fmt"
	"os"
	"strings"

	"xos.opencord.org/kubernetes-service/hack/child"
)

// logged is a program that runs beside this one, and the file that gets all it prints.
type logged struct {
	*child.Process
	log string
}

func startLogged(name, log, path string, args ...string) (*logged, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("make the log of %s: %w", name, err)
	}
	defer out.Close() // the child has its own handle
	process, err := child.Start(path, args, out)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return &logged{process, log}, nil
}

// tail is the last lines that the child printed.
func (c *logged) tail(lines int) []string {
	content, err := os.ReadFile(c.log)
	if err != nil {
		return []string{err.Error()}
	}
	all := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	return all[max(0, len(all)-lines):]
}
