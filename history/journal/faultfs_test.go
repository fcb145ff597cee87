package journal

import (
	"errors"
	"io"
	iofs "io/fs"
	"math/rand/v2"
	"path"
	"sort"
	"syscall"
)

var (
	errCrashed = errors.New("the machine is off")
	errSick    = errors.New("input/output error")
)

const sector = 512

// faultFS is a file system in memory that can lose power: only what was synced is sure to survive, and a
// name only once its folder was synced. It counts operations, so that a test can crash at each of them.
type faultFS struct {
	live, disk map[string]*inode
	locks      map[string]bool
	ops        int
	crashAt    int // operation that finds the power gone; 0 = never
	syncs      int
	failSync   int   // this sync fails, and the kernel forgets that its pages were dirty
	failWrite  error // every write fails half-way with it
	tearWrite  bool  // the write at crashAt is half done
}

type inode struct {
	dir        bool
	hollow     bool // keeps no content: the ballast would only cost time
	live, disk []byte
	dirty      map[int]bool // sectors
}

func newFaultFS() *faultFS {
	root := &inode{dir: true}
	return &faultFS{live: map[string]*inode{"/": root}, disk: map[string]*inode{"/": root}, locks: map[string]bool{}}
}

func (fs *faultFS) step() error {
	fs.ops++
	if fs.crashAt > 0 && fs.ops >= fs.crashAt {
		return errCrashed
	}
	return nil
}

// afterCrash is what the disk holds when power returns: each sector not synced survives with probability keep.
func (fs *faultFS) afterCrash(keep float64, rng *rand.Rand) *faultFS {
	out := newFaultFS()
	names := make([]string, 0, len(fs.disk))
	for name := range fs.disk {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		n := fs.disk[name]
		if name == "/" || out.live[path.Dir(name)] == nil {
			continue
		}
		left := &inode{dir: n.dir, disk: survive(n, keep, rng), dirty: map[int]bool{}}
		left.live = append([]byte(nil), left.disk...)
		out.live[name], out.disk[name] = left, left
	}
	return out
}

func survive(n *inode, keep float64, rng *rand.Rand) []byte {
	data := append([]byte(nil), n.disk...)
	sectors := make([]int, 0, len(n.dirty))
	for s := range n.dirty {
		sectors = append(sectors, s)
	}
	sort.Ints(sectors)
	for _, s := range sectors {
		from, to := s*sector, min((s+1)*sector, len(n.live))
		if from >= to || rng.Float64() >= keep {
			continue
		}
		for len(data) < to {
			data = append(data, 0) // a sector before it did not make it: a hole
		}
		copy(data[from:to], n.live[from:to])
	}
	return data
}

func (fs *faultFS) Open(name string, mode Mode) (File, error) {
	if err := fs.step(); err != nil {
		return nil, err
	}
	n := fs.live[name]
	switch {
	case mode == New && n != nil:
		return nil, iofs.ErrExist
	case mode == New:
		n = &inode{dirty: map[int]bool{}, hollow: path.Base(name) == "ballast"}
		fs.live[name] = n
	case n == nil:
		return nil, iofs.ErrNotExist
	}
	return &faultFile{fs: fs, n: n}, nil
}

func (fs *faultFS) Mkdir(name string) error {
	if err := fs.step(); err != nil {
		return err
	}
	if fs.live[path.Dir(name)] == nil {
		return iofs.ErrNotExist
	}
	if fs.live[name] != nil {
		return iofs.ErrExist
	}
	fs.live[name] = &inode{dir: true}
	return nil
}

func (fs *faultFS) Check(dir string) error {
	if fs.live[dir] == nil {
		return ErrNoJournal
	}
	return nil
}

func (fs *faultFS) List(dir string) ([]string, error) {
	var names []string
	for name := range fs.live {
		if path.Dir(name) == dir && name != "/" {
			names = append(names, path.Base(name))
		}
	}
	sort.Strings(names)
	return names, nil
}

func (fs *faultFS) Rename(from, to string) error {
	if err := fs.step(); err != nil {
		return err
	}
	fs.live[to] = fs.live[from]
	delete(fs.live, from)
	return nil
}

func (fs *faultFS) Remove(name string) error {
	if err := fs.step(); err != nil {
		return err
	}
	if fs.live[name] == nil {
		return iofs.ErrNotExist
	}
	delete(fs.live, name)
	return nil
}

func (fs *faultFS) SyncDir(dir string) error {
	if err := fs.step(); err != nil {
		return err
	}
	for name := range fs.disk {
		if path.Dir(name) == dir && name != "/" {
			delete(fs.disk, name)
		}
	}
	for name, n := range fs.live {
		if path.Dir(name) == dir {
			fs.disk[name] = n
		}
	}
	return nil
}

func (fs *faultFS) Lock(name string) (io.Closer, error) {
	if fs.locks[name] {
		return nil, ErrBusy
	}
	fs.locks[name] = true
	return unlock(func() { delete(fs.locks, name) }), nil
}

type unlock func()

func (u unlock) Close() error { u(); return nil }

type faultFile struct {
	fs *faultFS
	n  *inode
}

func (f *faultFile) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(f.n.live)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.live[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *faultFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.fs.step(); err != nil {
		if f.fs.tearWrite && f.fs.ops == f.fs.crashAt {
			f.put(p[:len(p)/2], off)
		}
		return 0, err
	}
	if err := f.fs.failWrite; err != nil {
		f.put(p[:len(p)/2], off)
		return len(p) / 2, err
	}
	f.put(p, off)
	return len(p), nil
}

func (f *faultFile) put(p []byte, off int64) {
	if f.n.hollow {
		return
	}
	end := int(off) + len(p)
	for len(f.n.live) < end {
		f.n.live = append(f.n.live, 0)
	}
	copy(f.n.live[off:], p)
	for s := int(off) / sector; s*sector < end; s++ {
		f.n.dirty[s] = true
	}
}

func (f *faultFile) Truncate(size int64) error {
	if err := f.fs.step(); err != nil {
		return err
	}
	f.n.live = f.n.live[:size]
	return nil
}

func (f *faultFile) Sync() error {
	if err := f.fs.step(); err != nil {
		return err
	}
	f.fs.syncs++
	if f.fs.syncs == f.fs.failSync {
		f.n.dirty = map[int]bool{}
		return errSick
	}
	size := len(f.n.live)
	for len(f.n.disk) < size {
		f.n.disk = append(f.n.disk, 0)
	}
	f.n.disk = f.n.disk[:size]
	for s := range f.n.dirty {
		if from := s * sector; from < size {
			copy(f.n.disk[from:min(from+sector, size)], f.n.live[from:])
		}
	}
	f.n.dirty = map[int]bool{}
	return nil
}

func (f *faultFile) Size() (int64, error) { return int64(len(f.n.live)), nil }
func (f *faultFile) Close() error         { return nil }

var errNoSpace = error(syscall.ENOSPC)
