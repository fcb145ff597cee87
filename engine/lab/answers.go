package lab

import (
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

// answers compares what A and B returned, pair by pair.
type answers struct {
	alike, agreed  int // pairs that could be compared, and of them those with the same answer
	unknown        int
	last           [2]ddbaws.Answer
	moved          bool // one variant answered something else than itself a moment before
	sameSize, cuts int
	pairs          int
}

func (w *answers) add(a, b ddbaws.Reading) {
	w.pairs++
	if a.Returned == b.Returned {
		w.sameSize++
	}
	if a.More || b.More {
		w.cuts++
	}
	if !whole(a) || !whole(b) {
		w.unknown++
		return
	}
	if w.alike > 0 && (w.last[0] != a.Answer || w.last[1] != b.Answer) {
		w.moved = true
	}
	w.last = [2]ddbaws.Answer{a.Answer, b.Answer}
	w.alike++
	if a.Answer == b.Answer {
		w.agreed++
	}
}

// whole reports whether an answer can be compared: all of it is there, and each item says its key.
func whole(r ddbaws.Reading) bool {
	return !r.More && r.Answer.Known && r.Answer.Items == r.Returned
}

// word is the answer word, with the reason where it is not plain.
func (w *answers) word() (word, why string) {
	switch {
	case w.pairs == 0:
		return history.AnswerUnknown, "nothing was compared"
	case w.alike == 0 && w.cuts > 0:
		return history.AnswerUnknown, "there was more than was followed: whether the answers are the same was not compared; see --pages"
	case w.alike == 0 && w.sameSize == 0:
		return history.AnswerDifferent, "the answers differ in their number of items"
	case w.alike == 0:
		return history.AnswerUnknown, "an answer without its items' keys cannot be compared beyond their number"
	case w.agreed == w.alike:
		return history.AnswerSame, ""
	case w.agreed > 0 && w.moved:
		return history.AnswerMoved, "the items changed while the lab ran"
	}
	return history.AnswerDifferent, "they do not return the same items"
}
