package process

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

const (
	tailLines = 15
	tailBytes = 16 << 10
)

// Tail returns the last lines of a log file, indented, for an error message. A
// file that can't be read gives a line that says so.
func Tail(path string) string {
	raw, err := readEnd(path)
	if err != nil {
		return fmt.Sprintf("\t(%v)", err)
	}
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	lines = lines[max(0, len(lines)-tailLines):]
	return "\t" + string(bytes.Join(lines, []byte("\n\t")))
}

func readEnd(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > tailBytes {
		if _, err := file.Seek(-tailBytes, io.SeekEnd); err != nil {
			return nil, err
		}
	}
	return io.ReadAll(file)
}
