package journal

import (
	"errors"
	"syscall"
)

// Sync is fdatasync: the content and the size, without the time stamps.
func (f osFile) Sync() error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
