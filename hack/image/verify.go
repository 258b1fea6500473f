package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// verify checks what build has written: the checksums, and each archive. With -rebuild it checks as
// well that a second build gives the same bytes.
func verify(ctx context.Context, o options) error {
	outputs, err := checkSums(o.output)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range outputs {
		if filepath.Ext(name) != ".tar" {
			continue
		}
		found, err := checkArchive(ctx, filepath.Join(o.output, name))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		for _, image := range found {
			beside, err := os.ReadFile(filepath.Join(o.output, sbomName(image.platform)))
			if err != nil {
				errs = append(errs, err)
			} else if !bytes.Equal(beside, image.sbom) {
				errs = append(errs, fmt.Errorf("%s: the SBOM in the image of %s is not %s", name, image.platform, sbomName(image.platform)))
			}
			fmt.Fprintf(o.progress, "%s: %s is as it should be, %d files, %d modules%s\n", name, image.platform, image.files, image.modules, image.ran)
		}
	}
	if err := errors.Join(errs...); err != nil || !o.rebuild {
		return err
	}
	return rebuild(ctx, o, outputs)
}

// checkSums compares the outputs with their checksums, and returns their names.
func checkSums(dir string) ([]string, error) {
	content, err := os.ReadFile(filepath.Join(dir, checksums))
	if err != nil {
		return nil, fmt.Errorf("nothing is built there: %w; run make image", err)
	}
	var names []string
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		want, name, found := strings.Cut(lines.Text(), "  ")
		if !found {
			return nil, fmt.Errorf("%s: %q is not a checksum and a name", checksums, lines.Text())
		}
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(got)); sum != want {
			return nil, fmt.Errorf("%s: its checksum is %s, and %s has %s", name, sum, checksums, want)
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s names nothing: run make image", checksums)
	}
	return names, nil
}

// rebuild builds once more from a copy of the source in another directory, with an empty build
// cache, and compares byte by byte.
func rebuild(ctx context.Context, o options, outputs []string) error {
	work, err := os.MkdirTemp("", "image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	from, err := originOf(ctx, o)
	if err != nil {
		return err
	}
	again := o
	again.source, again.output = filepath.Join(work, "another", "source"), filepath.Join(work, "output")
	again.version, again.revision = from.version, from.revision
	if err := copySource(ctx, o.source, again.source); err != nil {
		return err
	}
	for name, value := range map[string]string{
		"SOURCE_DATE_EPOCH": fmt.Sprint(from.created.Unix()),
		"GOCACHE":           filepath.Join(work, "cache"),
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	start := time.Now()
	fmt.Fprintln(o.progress, "building again, in another directory and with an empty cache: minutes")
	if err := build(ctx, again); err != nil {
		return fmt.Errorf("second build: %w", err)
	}
	if err := compare(o.output, again.output, outputs); err != nil {
		return err
	}
	fmt.Fprintf(o.progress, "the second build has the same bytes, after %s\n", time.Since(start).Round(time.Second))
	return nil
}

func compare(one, other string, names []string) error {
	var errs []error
	for _, name := range append(names, checksums) {
		a, err := os.ReadFile(filepath.Join(one, name))
		if err != nil {
			return err
		}
		b, err := os.ReadFile(filepath.Join(other, name))
		if err != nil {
			return err
		}
		if !bytes.Equal(a, b) {
			errs = append(errs, fmt.Errorf("%s: two builds differ; were both made by the same Go, of the same source?", name))
		}
	}
	return errors.Join(errs...)
}

// copySource copies what git tracks or would track, so that nothing ignored can matter.
func copySource(ctx context.Context, from, to string) error {
	list, err := git(ctx, from, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(list, "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(from, name))
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		} else if err != nil {
			return err
		}
		at := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
