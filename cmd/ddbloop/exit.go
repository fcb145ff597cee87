package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/ddbloop/ddbloop/engine/clock"
)

// Exit codes. check's are those of monitoring plugins; 64 is EX_USAGE of sysexits.
const (
	exitOK       = 0
	exitFailed   = 1
	exitWarning  = 1
	exitCritical = 2
	exitUnknown  = 3
	exitUnusable = 64

	exitInterrupted = 130 // as shells say it of Ctrl-C
)

// coded is an error that ends the program with its own code. An empty text prints nothing.
type coded struct {
	code int
	text string
}

func (c *coded) Error() string { return c.text }

// usage is input that cannot be used: one line that says what, where and what to do.
func usage(format string, args ...any) error {
	return &coded{exitUnusable, fmt.Sprintf(format, args...)}
}

// quiet ends the program with a code and no further word.
func quiet(code int) error {
	if code == exitOK {
		return nil
	}
	return &coded{code: code}
}

func codeOf(err error) int {
	var c *coded
	switch {
	case err == nil, errors.Is(err, clock.ErrStopped):
		return exitOK
	case errors.As(err, &c):
		return c.code
	}
	return exitFailed
}

// reason strips the path that the caller names already from a file error.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// oneLine keeps an error on one line, without anything a terminal could act on.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return ' '
		}
		return r
	}, err.Error())), " ")
}
