package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// BusyError says that another process uses the folder or the address of a part.
type BusyError struct {
	What    string // the folder or the address
	Setting string // the setting that chooses another
	Err     error
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("%s is in use by another process: stop it, or choose another with %s (%v)", e.What, e.Setting,
		e.Err)
}

func (e *BusyError) Unwrap() error { return e.Err }

// folder is the data folder of one part, locked by this process until close.
type folder struct {
	path string
	lock *os.File
}

// openFolder makes the folder if there is none and locks it. The kernel frees the lock of a process that dies.
func openFolder(path string) (*folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR|syscall.O_CLOEXEC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(&BusyError{What: "data folder " + path, Setting: "TOUCHLINE_DATA", Err: err},
			lock.Close())
	}
	return &folder{path: path, lock: lock}, nil
}

func (f *folder) filePath(name string) string { return filepath.Join(f.path, name) }

// unlockFolder frees the folder. Closing the file would not do while a child that some other goroutine is just starting
// has its copy of it: between fork and exec the child has every open file.
func (f *folder) unlockFolder() error {
	return errors.Join(syscall.Flock(int(f.lock.Fd()), syscall.LOCK_UN), f.lock.Close())
}

// markOpen notes that the part is running, and reports whether the one before was killed: its note is still there.
func (f *folder) markOpen() (killed bool, err error) {
	mark, err := os.OpenFile(f.filePath("open"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, mark.Close()
}

// markClosed takes the note away.
func (f *folder) markClosed() error { return os.Remove(f.filePath("open")) }

// WriteFile replaces a file so that a reader finds the old or the new text, whenever the process or the machine stops.
func WriteFile(path string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // nothing is left of it after the rename
	if _, err := tmp.Write(text); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// listenOn opens the address of a part.
func listenOn(address, setting string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%s is %q: give host:port, such as 127.0.0.1:9092", setting, address)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return nil, fmt.Errorf("%s is %q: name the host, such as 127.0.0.1, for clients are told this address", setting,
			address)
	}
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &BusyError{What: "address " + address, Setting: setting, Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	return l, nil
}
