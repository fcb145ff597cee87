package main

import (
	"fmt"
	"io"
	"os"
)

// largestFile is far more than people write for ddbloop, in bytes: a device without an end must not fill the memory.
const largestFile = 64 << 20

// readFile reads a file that somebody named, up to largestFile.
func readFile(path string) ([]byte, error) { return readAtMost(path, largestFile) }

// readAtMost reads a file of at most so many bytes.
func readAtMost(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(raw)) > most {
		err = fmt.Errorf("larger than %d MiB", most>>20)
	}
	return raw, err
}
