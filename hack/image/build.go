package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// checksums is the file of the outputs' checksums, as "sha256sum --check" reads it.
const checksums = "SHA256SUMS"

// archiveName is the archive of all platforms, or of one.
func archiveName(p platform) string {
	if p == "" {
		return program + ".tar"
	}
	return program + "-" + p.suffix() + ".tar"
}

func sbomName(p platform) string { return program + "-" + p.suffix() + ".spdx.json" }

// build writes an archive of all platforms, an archive and an SBOM of each, and their checksums.
// It first removes what an earlier build left there.
func build(ctx context.Context, o options) error {
	if len(o.platforms) == 0 {
		o.platforms = slices.Clone(supported)
	}
	from, err := originOf(ctx, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.progress, "image %s:%s of commit %.12s, times %s\n", program, from.version, from.revision, from.created.Format(time.RFC3339))
	images := make([]built, 0, len(o.platforms))
	for _, p := range o.platforms {
		b, err := buildPlatform(ctx, o, p, from)
		if err != nil {
			return err
		}
		images = append(images, b)
	}
	return writeOutputs(o, images, from)
}

func buildPlatform(ctx context.Context, o options, p platform, from origin) (built, error) {
	start := time.Now()
	fmt.Fprintf(o.progress, "%s: compiling (minutes the first time, then seconds)\n", p)
	files, err := collect(ctx, o, p, from)
	if err != nil {
		return built{}, err
	}
	image, err := newImage(files, p, from)
	if err != nil {
		return built{}, fmt.Errorf("image of %s: %w", p, err)
	}
	layers, err := image.Layers()
	if err != nil {
		return built{}, err
	}
	size, err := layers[0].Size()
	if err != nil {
		return built{}, err
	}
	fmt.Fprintf(o.progress, "%s: done in %s, program %.1f MB, layer %.1f MB\n", p, time.Since(start).Round(time.Second),
		float64(len(files.find("/"+program)))/1e6, float64(size)/1e6)
	return built{p, files, image}, nil
}

func writeOutputs(o options, images []built, from origin) error {
	if err := os.MkdirAll(o.output, 0o755); err != nil {
		return err
	}
	earlier, err := filepath.Glob(filepath.Join(o.output, program+"*"))
	if err != nil {
		return err
	}
	for _, path := range append(earlier, filepath.Join(o.output, checksums)) {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	var names []string
	for _, b := range images {
		if err := os.WriteFile(filepath.Join(o.output, sbomName(b.platform)), b.files.find(inventoryFile), 0o644); err != nil {
			return err
		}
		if err := writeIndexed(o, archiveName(b.platform), []built{b}, from); err != nil {
			return err
		}
		names = append(names, archiveName(b.platform), sbomName(b.platform))
	}
	if len(images) > 1 {
		if err := writeIndexed(o, archiveName(""), images, from); err != nil {
			return err
		}
		names = append(names, archiveName(""))
	}
	slices.Sort(names)
	var sums bytes.Buffer
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(o.output, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), name)
	}
	return os.WriteFile(filepath.Join(o.output, checksums), sums.Bytes(), 0o644)
}

func writeIndexed(o options, name string, images []built, from origin) error {
	index, err := newIndex(images, from)
	if err != nil {
		return err
	}
	if err := writeArchive(filepath.Join(o.output, name), index, images, from); err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Fprintf(o.progress, "%s: %s\n", name, digest)
	return nil
}
