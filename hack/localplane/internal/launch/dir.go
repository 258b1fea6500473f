package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const dirMode = 0o700

// ErrInUse reports that another plane runs in the directory.
var ErrInUse = errors.New("directory is in use by a running plane")

// dir is a plane's directory. The process that holds its lock owns everything below it.
type dir struct {
	path string
	lock *os.File
}

func (d dir) pki() string        { return filepath.Join(d.path, "pki") }
func (d dir) data() string       { return filepath.Join(d.path, "data") }
func (d dir) logs() string       { return filepath.Join(d.path, "logs") }
func (d dir) run() string        { return filepath.Join(d.path, "run") }
func (d dir) ports() string      { return filepath.Join(d.path, "ports.json") }
func (d dir) kubeconfig() string { return filepath.Join(d.path, "kubeconfig") }
func (d dir) ready() string      { return filepath.Join(d.path, "ready.json") }

func (d dir) log(component string) string { return filepath.Join(d.logs(), component+".log") }

// openDir makes the directory if need be and takes its lock, which the kernel
// drops when this process ends in whatever way.
func openDir(path string) (*dir, error) {
	if err := os.MkdirAll(path, dirMode); err != nil {
		return nil, fmt.Errorf("make the plane's directory: %w", err)
	}
	name := filepath.Join(path, "plane.lock")
	if err := refuseForeign(path, name); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the plane's directory: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, inUse(path, name)
		}
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	if err := writeHolder(lock); err != nil {
		lock.Close()
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return &dir{path: path, lock: lock}, nil
}

// refuseForeign keeps a plane out of a directory that holds something else: data
// is thrown away below it.
func refuseForeign(path, lock string) error {
	if _, err := os.Stat(lock); err == nil {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("read the plane's directory: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("directory %s is neither empty nor that of an earlier plane (it holds %q)", path, entries[0].Name())
	}
	return nil
}

func inUse(path, lock string) error {
	holder, err := os.ReadFile(lock)
	if err != nil || len(holder) == 0 {
		return fmt.Errorf("%w: %s", ErrInUse, path)
	}
	return fmt.Errorf("%w: %s, by process %s", ErrInUse, path, strings.TrimSpace(string(holder)))
}

func writeHolder(lock *os.File) error {
	if err := lock.Truncate(0); err != nil {
		return err
	}
	_, err := lock.WriteAt(fmt.Appendln(nil, os.Getpid()), 0)
	return err
}

// prepare makes the layout, empty but for what keepData keeps.
func (d *dir) prepare(keepData bool) error {
	if err := d.announceDown(); err != nil {
		return err
	}
	if !keepData {
		if err := d.throwAway(); err != nil {
			return err
		}
		if err := os.RemoveAll(d.logs()); err != nil {
			return fmt.Errorf("remove an earlier run's logs: %w", err)
		}
	}
	for _, path := range []string{d.pki(), d.data(), d.logs(), d.run()} {
		if err := os.MkdirAll(path, dirMode); err != nil {
			return fmt.Errorf("lay out the plane's directory: %w", err)
		}
	}
	return nil
}

// announceDown removes the announcement of a plane.
func (d *dir) announceDown() error {
	return removeAll("take back the announcement of a plane", d.ready(), d.kubeconfig())
}

// throwAway removes data, identities and ports; logs stay for inspection.
func (d *dir) throwAway() error {
	return removeAll("throw the plane's data away", d.data(), d.pki(), d.ports())
}

func removeAll(doing string, paths ...string) error {
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return nil
}

// release lets others use the directory.
func (d *dir) release() error { return d.lock.Close() }

// writeFile puts a whole file in place at once: a reader sees all of it or none.
func writeFile(path string, content []byte) error {
	draft := path + ".new"
	if err := os.WriteFile(draft, content, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(draft, path); err != nil {
		return errors.Join(fmt.Errorf("put %s in place: %w", path, err), removeDraft(draft))
	}
	return nil
}

func removeDraft(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
