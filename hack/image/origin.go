package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// origin is what an image is labelled with.
type origin struct {
	version  string
	revision string
	// created is the time of every file and of every document: that of the commit, so that a
	// second build has the same.
	created time.Time
}

// tag is what a registry takes as a tag.
var tag = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

// originOf asks git for what the options and the environment leave open.
func originOf(ctx context.Context, o options) (origin, error) {
	found := origin{version: o.version, revision: o.revision}
	var err error
	if found.version == "" {
		// The length of the hash is fixed, or it would depend on how much the clone holds.
		if found.version, err = git(ctx, o.source, "describe", "--tags", "--always", "--dirty", "--abbrev=12"); err != nil {
			return origin{}, fmt.Errorf("no version: %w; without a git checkout pass -version", err)
		}
	}
	if !tag.MatchString(found.version) {
		return origin{}, fmt.Errorf("version %q can't be the tag of an image: pass another one by -version", found.version)
	}
	if found.revision == "" {
		if found.revision, err = git(ctx, o.source, "rev-parse", "HEAD"); err != nil {
			return origin{}, fmt.Errorf("no revision: %w; without a git checkout pass -revision", err)
		}
	}
	epoch := os.Getenv("SOURCE_DATE_EPOCH")
	if epoch == "" {
		if epoch, err = git(ctx, o.source, "log", "-1", "--format=%ct"); err != nil {
			return origin{}, fmt.Errorf("no time: %w; without a git checkout set SOURCE_DATE_EPOCH", err)
		}
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil || seconds < 0 {
		return origin{}, fmt.Errorf("SOURCE_DATE_EPOCH is %q: it must be seconds since 1970", epoch)
	}
	found.created = time.Unix(seconds, 0).UTC()
	return found, nil
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
