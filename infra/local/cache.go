package local

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// pom names what comes from Maven Central; see there.
//
//go:embed pom.xml
var pom []byte

// CacheDir returns the folder for what is downloaded: TOUCHLINE_ENGINES_DIR, or a folder in the user's cache.
func CacheDir() (string, error) {
	if dir := os.Getenv("TOUCHLINE_ENGINES_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder for the engines: %w: set TOUCHLINE_ENGINES_DIR", err)
	}
	return filepath.Join(dir, "touchline", "engines"), nil
}

// fetched returns the folder with the files of one of the pom's profiles, which Maven gets when they are not there. The
// folder's name has the pom's digest, so that another version is another folder.
func fetched(ctx context.Context, profile string) (_ string, err error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(pom)
	dir := filepath.Join(cache, profile+"-"+hex.EncodeToString(sum[:6]))
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	unlock, err := lockFetch(filepath.Join(cache, profile+".lock"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	return dir, fillFolder(ctx, profile, dir)
}

// fillFolder fills a folder beside dir and gives it dir's name when it is complete.
func fillFolder(ctx context.Context, profile, dir string) error {
	fresh := dir + ".new"
	if err := errors.Join(os.RemoveAll(fresh), os.MkdirAll(fresh, 0o755)); err != nil {
		return err
	}
	file := filepath.Join(fresh, "pom.xml")
	if err := os.WriteFile(file, pom, 0o644); err != nil {
		return err
	}
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return errors.New("no mvn in PATH to fetch the engines from Maven Central with: install it (Debian: apt-get " +
			"install maven)")
	}
	cmd := exec.CommandContext(ctx, mvn, "--quiet", "--batch-mode", "--file", file, "-P", profile,
		"-Dengine.dir="+filepath.Join(fresh, "engine"), "package")
	cmd.Dir, cmd.SysProcAttr = fresh, &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fetch %s from Maven Central: %w: %s", profile, err, out)
	}
	return os.Rename(fresh, dir)
}

// lockFetch waits until no other process fetches the same.
func lockFetch(path string) (unlock func() error, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file.Close, nil // which frees the lock
}
