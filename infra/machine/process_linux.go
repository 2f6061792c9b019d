package machine

import (
	"os/exec"
	"runtime"
	"syscall"
)

// TiedAttributes make a child that gets the signal when its parent dies, and that a Ctrl-C at the terminal does not
// reach: it must outlive those who use it.
func TiedAttributes(death syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death}
}

// StartTied starts the command from a thread that lives as long as it, for the kernel ties the child to the thread, and
// calls ended when it has ended.
func StartTied(cmd *exec.Cmd, ended func(error)) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended(cmd.Wait())
		}
	}()
	return <-started
}
