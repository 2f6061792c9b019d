package machine_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/touchline/touchline/infra/machine"
)

// writeProgram writes a program that prints text.
func writeProgram(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho '"+text+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestTheNewestPostgresWithAllProgramsIsFirst(t *testing.T) {
	root := t.TempDir()
	for folder, version := range map[string]string{"new": "18.1", "old": "15.3", "ancient": "9.6.1", "half": "17.0"} {
		dir := filepath.Join(root, folder)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		writeProgram(t, filepath.Join(dir, "postgres"), "postgres (PostgreSQL) "+version)
		if folder != "half" {
			writeProgram(t, filepath.Join(dir, "initdb"), "initdb")
		}
	}
	found := machine.FindPostgres(t.Context(), []string{
		"", filepath.Join(root, "old"), filepath.Join(root, "ancient"), filepath.Join(root, "half"),
		filepath.Join(root, "new"), filepath.Join(root, "none"),
	})
	var majors []int
	for _, p := range found {
		majors = append(majors, p.Major)
	}
	if len(majors) != 2 || majors[0] != 18 || majors[1] != 15 {
		t.Errorf("versions found: got %v, want 18 and 15: the others are too old, or lack a program", majors)
	}
}

func TestAProcessThatIsTiedReportsItsEnd(t *testing.T) {
	ended := make(chan error, 1)
	cmd := exec.Command("sh", "-c", "exit 3")
	cmd.SysProcAttr = machine.TiedAttributes(syscall.SIGKILL)
	if err := machine.StartTied(cmd, func(err error) { ended <- err }); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := <-ended; !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("end of the process: got %v, want exit status 3", err)
	}
}

func TestAServersAccountCanUseItsFolder(t *testing.T) {
	account, err := machine.ServerAccount()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "account-") // t.TempDir's parent is for this user only
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	home, err := account.Home(dir)
	if err != nil || home != filepath.Join(dir, "data") {
		t.Fatalf("home: got %q, %v, want the folder data in %s, which everyone can enter", home, err, dir)
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := account.Own(home); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", "echo x > "+filepath.Join(home, "file"))
	cmd.SysProcAttr = account.Attributes(syscall.SIGKILL)
	cmd.Dir = "/"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("write a file as the server's account: %v: %s", err, out)
	}
}
