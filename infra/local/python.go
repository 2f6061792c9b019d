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

	"github.com/touchline/touchline/infra/machine"
)

var (
	//go:embed clients/requirements.txt
	clientPackages []byte
	//go:embed clients/mlflow.txt
	mlflowPackages []byte
)

// Python returns a Python with the packages of clients/requirements.txt, in a virtual environment in the cache folder
// that is made when it isn't there.
func Python(ctx context.Context) (string, error) { return pythonWith(ctx, clientPackages) }

// pythonWith returns a Python with what a file of requirements names.
func pythonWith(ctx context.Context, requirements []byte) (_ string, err error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(requirements)
	dir := filepath.Join(cache, "python-"+hex.EncodeToString(sum[:6]))
	python := filepath.Join(dir, "bin", "python")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	unlock, err := lockFetch(filepath.Join(cache, "python.lock"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	complete := filepath.Join(dir, "requirements.txt") // has its name last: an environment can't be renamed
	if machine.IsFile(complete) {
		return python, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	system, err := exec.LookPath("python3")
	if err != nil {
		return "", errors.New("no python3 in PATH for the clients: install it (Debian: apt-get install python3-venv)")
	}
	if out, err := exec.CommandContext(ctx, system, "-m", "venv", dir).CombinedOutput(); err != nil {
		return "", fmt.Errorf("make a virtual environment (Debian: apt-get install python3-venv): %w: %s", err, out)
	}
	wanted := filepath.Join(dir, "wanted.txt")
	if err := os.WriteFile(wanted, requirements, 0o644); err != nil {
		return "", err
	}
	if out, err := exec.CommandContext(ctx, python, "-m", "pip", "install", "--quiet", "--requirement",
		wanted).CombinedOutput(); err != nil {
		return "", fmt.Errorf("install the Python client: %w: %s", err, out)
	}
	return python, os.Rename(wanted, complete)
}
