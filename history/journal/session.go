package journal

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"path/filepath"
	"strings"
	"time"
)

// Session is one session folder.
type Session struct {
	ID  string
	Dir string
}

// SessionID names a session after its start, its table and four random hex digits, e.g.
// 20260303-140700-orders-3f9c. It sorts by time and is safe as a file name.
func SessionID(start time.Time, table string, random uint16) string {
	var name strings.Builder
	for _, r := range table {
		if r < 0x80 && (r == '_' || r == '-' || r == '.' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z') {
			name.WriteRune(r)
		}
		if name.Len() == 40 {
			break
		}
	}
	return fmt.Sprintf("%s-%s-%04x", start.UTC().Format("20060102-150405"), name.String(), random)
}

// Find returns the folder of a session under root. An id is one path element, so that it cannot lead elsewhere.
func Find(root, id string) (Session, error) {
	if id == "" || id != filepath.Base(id) || id[0] == '.' {
		return Session{}, fmt.Errorf("%q is not a session id: each is the name of a folder in the sessions folder", id)
	}
	return Session{ID: id, Dir: filepath.Join(root, id)}, nil
}

// Sessions returns the sessions under root that have a journal, newest first. A root that does not exist
// has none.
func Sessions(fs FS, root string) ([]Session, error) {
	names, err := fs.List(root)
	if errors.Is(err, iofs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Session
	for i := len(names) - 1; i >= 0; i-- {
		s, err := Find(root, names[i])
		if err != nil {
			continue
		}
		if last, err := lastSegment(fs, s.Dir); err == nil && last > 0 {
			out = append(out, s)
		}
	}
	return out, nil
}
