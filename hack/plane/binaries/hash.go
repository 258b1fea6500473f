package binaries

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// hashSource names a build by all that decides it: toolchain and platform, what
// is left out, and each file of the source but tests and documentation.
func hashSource(source string, env map[string]string, tags string) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, env["GOVERSION"], env["GOOS"], env["GOARCH"], tags)
	// WalkDir goes in lexical order, the same on each machine.
	err := filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".md") {
			return err
		}
		name, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		return hashFile(sum, filepath.ToSlash(name), path)
	})
	if err != nil {
		return "", fmt.Errorf("hash the source %s: %w", source, err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

func hashFile(sum io.Writer, name, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	// The length keeps two files from passing for one.
	fmt.Fprintln(sum, name, info.Size())
	_, err = io.Copy(sum, file)
	return err
}
