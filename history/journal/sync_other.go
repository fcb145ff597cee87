//go:build unix && !linux

package journal

// Sync is os.File's: on macOS it also flushes the drive's cache, which fsync alone does not.
func (f osFile) Sync() error { return f.File.Sync() }
