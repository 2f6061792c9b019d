package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"

	"github.com/touchline/touchline/infra/machine"
)

const leastJava = 17

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// findJava returns the program of a Java runtime that is new enough.
func findJava(ctx context.Context) (string, error) {
	const remedy = "install one (Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME"
	path := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		path = filepath.Join(home, "bin", "java")
	}
	path, err := exec.LookPath(path)
	if err != nil {
		return "", fmt.Errorf("the engines need a Java runtime, version %d or later: %s", leastJava, remedy)
	}
	out, err := exec.CommandContext(ctx, path, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w: %s", path, err, out)
	}
	m := javaVersion.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("%s does not say its version: %s", path, out)
	}
	if major, err := strconv.Atoi(string(m[1])); err != nil || major < leastJava {
		return "", fmt.Errorf("%s is version %s, and the engines need %d or later: %s", path, m[1], leastJava, remedy)
	}
	return path, nil
}

// jvm is what the commands of one engine have in common.
type jvm struct {
	java    string
	options []string // before the class
	heapMiB int

	archive string // of loaded classes, which saves half of the work of a start
	dump    bool   // write the archive at the end, instead of reading it
}

// command returns a Java program that dies with us. The flags are for a quick start on few cores: no second compiler,
// and no collector with threads of its own.
func (r jvm) command(class string, args ...string) *exec.Cmd {
	options := []string{"-Xmx" + strconv.Itoa(r.heapMiB) + "m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Djava.awt.headless=true"}
	switch {
	case r.dump:
		options = append(options, "-XX:ArchiveClassesAtExit="+r.archive+".new")
	case machine.IsFile(r.archive):
		options = append(options, "-XX:SharedArchiveFile="+r.archive, "-Xshare:auto", "-Xlog:cds=off",
			"-Xlog:cds+dynamic=off")
	}
	options = append(append(options, r.options...), class)
	cmd := exec.Command(r.java, append(options, args...)...)
	cmd.SysProcAttr = machine.TiedAttributes(syscall.SIGKILL)
	return cmd
}

// archived makes the archive when there is none, by a run that writes it. A machine whose Java writes none goes on
// without.
func (r jvm) archived(run func(scratch string) error) (err error) {
	unlock, err := lockFetch(r.archive + ".lock")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if _, err := os.Stat(r.archive); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	scratch, err := os.MkdirTemp("", "touchline-engine-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) // nothing in it is of use later
	if err := run(scratch); err != nil {
		return fmt.Errorf("write the archive of classes: %w", err)
	}
	if err := os.Rename(r.archive+".new", r.archive); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
