package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
)

// Record: len u32 (top bit: first of its batch) · seq u64 · crc32c u32 · prev 8 B · payload.
// Header: magic 8 B · format u16 · 0 u16 · segment u32 · first seq u64 · prev 8 B · session 64 B ·
// creator 28 B · crc32c u32. Numbers are little-endian. prev is the start of the SHA-256 of the record or
// header before it, so that a record stands only where it was written.
const (
	magic      = "ddbloopJ"
	format     = 1
	headerSize = 128
	frameSize  = 24
	batchBit   = 1 << 31

	sessionAt, sessionLen = 32, 64
	creatorAt, creatorLen = 96, 28
	headerSum             = headerSize - 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// link is where a journal stands: the last sequence number and the hash of the bytes that carry it.
type link struct {
	seq  uint64
	prev [8]byte
}

func hash(raw []byte) (h [8]byte) {
	sum := sha256.Sum256(raw)
	copy(h[:], sum[:])
	return h
}

// appendHeader appends a segment's header to dst and moves the link past it.
func (l *link) appendHeader(dst []byte, index uint32, m Meta) []byte {
	h := make([]byte, headerSize)
	copy(h, magic)
	binary.LittleEndian.PutUint16(h[8:], format)
	binary.LittleEndian.PutUint32(h[12:], index)
	binary.LittleEndian.PutUint64(h[16:], l.seq+1)
	copy(h[24:32], l.prev[:])
	copy(h[sessionAt:sessionAt+sessionLen], m.Session)
	copy(h[creatorAt:creatorAt+creatorLen], m.Version)
	binary.LittleEndian.PutUint32(h[headerSum:], crc32.Checksum(h[:headerSum], castagnoli))
	l.prev = hash(h)
	return append(dst, h...)
}

// takeHeader reads a segment's header and moves the link past it; why says what is wrong with it.
func (l *link) takeHeader(h []byte, index uint32) (m Meta, why string) {
	switch {
	case len(h) < headerSize:
		return m, "the header is incomplete"
	case string(h[:len(magic)]) != magic:
		return m, "this is not a ddbloop journal"
	case binary.LittleEndian.Uint32(h[headerSum:]) != crc32.Checksum(h[:headerSum], castagnoli):
		return m, "the header fails its checksum"
	case binary.LittleEndian.Uint16(h[8:]) != format:
		return m, "a newer ddbloop wrote this format: use that version"
	case binary.LittleEndian.Uint32(h[12:]) != index || binary.LittleEndian.Uint64(h[16:]) != l.seq+1 || [8]byte(h[24:32]) != l.prev:
		return m, "the header does not continue the segment before it"
	}
	text := func(from, n int) string { return string(bytes.TrimRight(h[from:from+n], "\x00")) }
	l.prev = hash(h[:headerSize])
	return Meta{Session: text(sessionAt, sessionLen), Version: text(creatorAt, creatorLen)}, ""
}

// appendFrame appends one record to dst and moves the link past it.
func (l *link) appendFrame(dst []byte, first bool, payload []byte) []byte {
	from := len(dst)
	size := uint32(len(payload))
	if first {
		size |= batchBit
	}
	l.seq++
	dst = binary.LittleEndian.AppendUint32(dst, size)
	dst = binary.LittleEndian.AppendUint64(dst, l.seq)
	dst = append(dst, 0, 0, 0, 0)
	dst = append(dst, l.prev[:]...)
	dst = append(dst, payload...)
	f := dst[from:]
	binary.LittleEndian.PutUint32(f[12:], frameSum(f))
	l.prev = hash(f)
	return dst
}

func frameSum(f []byte) uint32 {
	return crc32.Update(crc32.Checksum(f[:12], castagnoli), castagnoli, f[16:])
}

// frame is one record as it lies in a buffer.
type frame struct {
	raw   []byte
	first bool // of its batch
	seq   uint64
	prev  [8]byte
}

func (f frame) payload() []byte { return f.raw[frameSize:] }

// parseFrame reads the record at the start of data; why is empty when its length and checksum hold.
func parseFrame(data []byte) (f frame, why string) {
	if len(data) < frameSize {
		return f, "a record is incomplete"
	}
	word := binary.LittleEndian.Uint32(data)
	size := int(word &^ batchBit)
	switch {
	case size == 0:
		return f, "a record is empty"
	case size > MaxPayload:
		return f, "a record claims more than 1 MiB"
	case len(data) < frameSize+size:
		return f, "a record is incomplete"
	}
	raw := data[:frameSize+size]
	if binary.LittleEndian.Uint32(raw[12:]) != frameSum(raw) {
		return f, "a record fails its checksum"
	}
	return frame{raw: raw, first: word&batchBit != 0, seq: binary.LittleEndian.Uint64(raw[4:]), prev: [8]byte(raw[16:24])}, ""
}

// takeFrame reads the record at the start of data and moves the link past it. alien says that the record
// is whole but does not belong here, which no crash can explain.
func (l *link) takeFrame(data []byte) (f frame, why string, alien bool) {
	f, why = parseFrame(data)
	if why != "" {
		return f, why, false
	}
	if f.seq != l.seq+1 || f.prev != l.prev {
		return f, "a record does not continue the one before it", true
	}
	l.seq, l.prev = f.seq, hash(f.raw)
	return f, "", false
}

// laterBatch reports whether a batch starts anywhere after the first byte of data. One batch is on stable storage
// before the next is written, so a bad record with a batch behind it was synced once: that is damage, not
// a torn tail. A payload is JSON and holds no zero byte, so it cannot contain a record.
func laterBatch(data []byte) bool {
	for i := 1; i+frameSize <= len(data); i++ {
		if data[i+3] != batchBit>>24 {
			continue
		}
		if _, why := parseFrame(data[i:]); why == "" {
			return true
		}
	}
	return false
}
