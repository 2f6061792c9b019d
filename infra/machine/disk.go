package machine

import (
	"fmt"
	"syscall"
)

// FreeBytes returns how many bytes an ordinary user may still write to the disk that a folder is on.
func FreeBytes(folder string) (int64, error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		return 0, fmt.Errorf("ask for the free space of %s: %w", folder, err)
	}
	return int64(disk.Bavail) * int64(disk.Bsize), nil
}

// NeedFreeBytes returns an error that says "no space left on device" when fewer bytes than least are free.
func NeedFreeBytes(folder string, least int64) error {
	free, err := FreeBytes(folder)
	if err != nil {
		return err
	}
	if free < least {
		return fmt.Errorf("%w: %d MiB are free where %s is, %d MiB are needed: free some and start again",
			syscall.ENOSPC, free>>20, folder, least>>20)
	}
	return nil
}
