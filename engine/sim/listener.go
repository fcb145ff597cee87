package sim

import (
	"container/list"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
)

// limited keeps no more connections than it has room for. When another one comes, the one that has gone longest without
// asking for anything whole is closed for it: callers that only hold connections cannot keep others out.
type limited struct {
	net.Listener
	most int

	mu      sync.Mutex
	changed *sync.Cond
	waiting *list.List // of *held, the longest waiting first: nothing asked, or half asked
	open    int
	closed  bool
}

func limit(ln net.Listener, most int) *limited {
	l := &limited{Listener: ln, most: most, waiting: list.New()}
	l.changed = sync.NewCond(&l.mu)
	return l
}

// Accept waits for a connection and makes room for it.
func (l *limited) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.open >= l.most && !l.closed {
		if oldest := l.waiting.Front(); oldest != nil {
			_ = oldest.Value.(*held).drop() // it is given up either way
			continue
		}
		l.changed.Wait() // all are being answered, which does not take long
	}
	h := &held{Conn: c, in: l}
	l.open++
	h.place = l.waiting.PushBack(h)
	return h, nil
}

// Close stops accepting.
func (l *limited) Close() error {
	l.mu.Lock()
	l.closed = true
	l.changed.Broadcast()
	l.mu.Unlock()
	return l.Listener.Close()
}

// held is one connection of a limited listener.
type held struct {
	net.Conn
	in    *limited
	place *list.Element // nil while its request is being answered
	gone  bool
}

// drop closes the connection and gives its room back; the listener's lock is held.
func (h *held) drop() error {
	if h.gone {
		return net.ErrClosed
	}
	h.gone = true
	h.wait(false)
	h.in.open--
	h.in.changed.Signal()
	return h.Conn.Close()
}

// wait puts the connection among those that wait for a request, or takes it out; the listener's lock is held.
func (h *held) wait(yes bool) {
	switch {
	case !yes && h.place != nil:
		h.in.waiting.Remove(h.place)
		h.place = nil
	case yes && h.place == nil && !h.gone:
		h.place = h.in.waiting.PushBack(h)
		h.in.changed.Signal()
	}
}

// Close closes the connection and gives its room back.
func (h *held) Close() error {
	h.in.mu.Lock()
	defer h.in.mu.Unlock()
	return h.drop()
}

type heldKey struct{}

// remember lets answering find a request's connection.
func remember(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, heldKey{}, c)
}

// answering says that the request has been read whole; what it returns says that it has been answered.
func answering(r *http.Request) (answered func()) {
	h, ok := r.Context().Value(heldKey{}).(*held)
	if !ok {
		return func() {}
	}
	set := func(waits bool) {
		h.in.mu.Lock()
		defer h.in.mu.Unlock()
		h.wait(waits)
	}
	set(false)
	return func() { set(true) }
}

// A body beyond smallBody takes one of largeBodies turns, so that many callers together cannot fill the memory.
const (
	smallBody   = 256 << 10
	largeBodies = 8
)

// turned is a body that waits for its turn when it turns out to be large.
type turned struct {
	io.ReadCloser
	ctx   context.Context
	turns chan struct{}
	read  int
	mine  bool
}

// Read implements io.Reader.
func (b *turned) Read(p []byte) (int, error) {
	if b.read >= smallBody && !b.mine {
		select {
		case b.turns <- struct{}{}:
			b.mine = true
		case <-b.ctx.Done():
			return 0, b.ctx.Err()
		}
	}
	n, err := b.ReadCloser.Read(p)
	b.read += n
	return n, err
}

// done gives the turn back.
func (b *turned) done() {
	if b.mine {
		<-b.turns
	}
}
