package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// cursorKey signs the cursors of every installation, so that they are the same in two runs.
const cursorKey = "fingerprint-fingerprint-fingerprint"

// stopPatience is how long the binary may take to stop before it is killed.
const stopPatience = 30 * time.Second

// installation is a running `touchline up` with embedded parts of its own.
type installation struct {
	binary   string
	folder   string // its data and its log; removed at the end
	api      string // URLs, without a slash at the end
	kafka    string // host:port
	registry string
	postgres string // with the password
	process  *exec.Cmd
	exited   chan error // gets the process's end
}

// startInstallation starts the binary on free ports, with one feed, and waits for the banner that has its addresses.
func startInstallation(ctx context.Context, binary string, f feed) (_ *installation, err error) {
	in := &installation{binary: binary, exited: make(chan error, 1)}
	if in.folder, err = os.MkdirTemp("", "fingerprint-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.stopAndRemove())
		}
	}()
	in.process = exec.Command(binary, "up", "--data", filepath.Join(in.folder, "data"),
		"--source", f.source, "--path", f.path, "--speed", "max", "--cursor-key", cursorKey,
		"--listen", "127.0.0.1:0", "--kafka-listen", "127.0.0.1:0", "--schema-registry-listen", "127.0.0.1:0")
	log, err := os.Create(in.logFile())
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	in.process.Stderr = log
	out, err := in.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := in.process.Start(); err != nil {
		in.process = nil
		return nil, err
	}
	banner := make(chan error, 1)
	go func() {
		banner <- in.readBanner(out)
		_, _ = io.Copy(io.Discard, out) // a full pipe would block the process
		in.exited <- in.process.Wait()
	}()
	select {
	case err := <-banner:
		return in, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (in *installation) logFile() string { return filepath.Join(in.folder, "log") }

// readBanner reads the addresses that `up` prints once it serves. Postgres's password is not among them: it is in a
// file of the data folder.
func (in *installation) readBanner(out io.Reader) error {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) == 3 && fields[0] == "page,":
			in.api = fields[2]
		case len(fields) == 2 && fields[0] == "Kafka":
			in.kafka = fields[1]
		case len(fields) == 2 && fields[0] == "registry":
			in.registry = fields[1]
		case len(fields) == 2 && fields[0] == "Postgres":
			in.postgres = fields[1]
			return in.addPassword()
		}
	}
	log, _ := os.ReadFile(in.logFile()) // the error below stands also without it
	return fmt.Errorf("the binary ended before it served: %s", bytes.TrimSpace(log))
}

func (in *installation) addPassword() error {
	address, err := url.Parse(in.postgres)
	if err != nil {
		return fmt.Errorf("address of Postgres: %w", err)
	}
	password, err := os.ReadFile(filepath.Join(in.folder, "data", "postgres", "password"))
	if err != nil {
		return fmt.Errorf("password of Postgres: %w", err)
	}
	address.User = url.UserPassword(address.User.Username(), strings.TrimSpace(string(password)))
	in.postgres = address.String()
	return nil
}

// runTool runs another command of the binary against the installation and returns what it prints.
func (in *installation) runTool(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, in.binary, append(args, "--kafka-brokers", in.kafka, "--schema-registry-url",
		in.registry)...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("touchline %s: %w: %s", strings.Join(args, " "), err,
			bytes.TrimSpace(complaints.Bytes()))
	}
	return out, nil
}

// stopAndRemove stops the process and removes its folder. It may be called of an installation that did not start.
func (in *installation) stopAndRemove() error {
	var err error
	if in.process != nil {
		err = in.process.Process.Signal(syscall.SIGTERM)
		select {
		case exit := <-in.exited:
			err = errors.Join(err, exit)
		case <-time.After(stopPatience):
			err = errors.Join(err, fmt.Errorf("the binary did not stop within %s", stopPatience),
				in.process.Process.Kill())
			err = errors.Join(err, <-in.exited)
		}
	}
	return errors.Join(err, os.RemoveAll(in.folder))
}
