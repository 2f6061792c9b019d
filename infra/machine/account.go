package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Account is the user that Postgres runs as: this one, or another when this one is root.
type Account struct {
	Name string

	uid, gid uint32
	other    bool // not this process's user
}

// ServerAccount returns this user or, for root, the user postgres or nobody.
func ServerAccount() (Account, error) {
	if os.Geteuid() != 0 {
		return Account{Name: "this user"}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errU := strconv.ParseUint(u.Uid, 10, 32)
		gid, errG := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(errU, errG); err != nil {
			return Account{}, fmt.Errorf("user %s: %w", name, err)
		}
		return Account{Name: name, uid: uint32(uid), gid: uint32(gid), other: true}, nil
	}
	return Account{}, errors.New("Postgres does not run as root, and there is no user postgres or nobody: make one, " +
		"run as another user, or set TOUCHLINE_POSTGRES_URL")
}

// Attributes make a child of the user that gets the signal when its parent dies.
func (a Account) Attributes(death syscall.Signal) *syscall.SysProcAttr {
	attr := TiedAttributes(death)
	if a.other {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}

// Own gives the file or folder to the user.
func (a Account) Own(path string) error {
	if !a.other {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// File writes a file that only the user can read.
func (a Account) File(path string, text []byte) (string, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return path, errors.Join(os.WriteFile(path, text, 0o600), a.Own(path))
}

// Home returns the folder for the server's files: data in the part's folder or, when the user can't enter that because
// of a folder above it (/root, for one), a folder below /var/lib that is named after it. All that is there can be
// rebuilt.
func (a Account) Home(dir string) (string, error) {
	if !a.other || a.canEnter(dir) {
		return filepath.Join(dir, "data"), nil
	}
	sum := sha256.Sum256([]byte(dir))
	elsewhere := "/var/lib/touchline/postgres-" + hex.EncodeToString(sum[:6])
	if err := os.MkdirAll(elsewhere, 0o755); err != nil {
		return "", fmt.Errorf("user %s can't enter %s, nor can a folder be made elsewhere: choose another with "+
			"TOUCHLINE_DATA (%w)", a.Name, dir, err)
	}
	return filepath.Join(elsewhere, "data"), nil
}

// canEnter reports whether the user may pass through the folder and all above it.
func (a Account) canEnter(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		owner, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return false
		}
		enter := os.FileMode(0o001)
		switch {
		case owner.Uid == a.uid:
			enter = 0o100
		case owner.Gid == a.gid:
			enter = 0o010
		}
		if info.Mode()&enter == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
		dir = filepath.Dir(dir)
	}
}
