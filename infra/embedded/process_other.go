//go:build !linux

package embedded

import (
	"os/exec"
	"syscall"
)

// tiedAttributes make a child that a Ctrl-C at the terminal does not reach. Only Linux ties it to its parent's death;
// elsewhere the next start stops it.
func tiedAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// startTied starts the command and calls ended when it has ended.
func startTied(cmd *exec.Cmd, ended func(error)) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { ended(cmd.Wait()) }()
	return nil
}
