//go:build !linux

package machine

import (
	"os/exec"
	"syscall"
)

// TiedAttributes make a child that a Ctrl-C at the terminal does not reach. Only Linux ties it to its parent's death.
func TiedAttributes(syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// StartTied starts the command and calls ended when it has ended.
func StartTied(cmd *exec.Cmd, ended func(error)) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { ended(cmd.Wait()) }()
	return nil
}
