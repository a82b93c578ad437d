package probe

import (
	"slices"
	"testing"
)

// Whatever the order and the number of the replies, each goes where it belongs.
func TestInterruptionTake(t *testing.T) {
	for _, c := range []struct {
		name, verb    string
		idle          bool
		codes         []int
		final, answer int
	}{
		{"as in RFC 959", "ABOR", false, []int{426, 226}, 426, 226},
		{"the transfer was over", "ABOR", false, []int{226, 225}, 226, 225},
		{"the transfer was over, 226 twice", "ABOR", false, []int{226, 226}, 226, 226},
		{"ABOR is answered first", "ABOR", false, []int{226, 426}, 426, 226},
		{"ABOR is answered first, with 225", "ABOR", false, []int{225, 426}, 426, 225},
		{"ABOR is not known", "ABOR", false, []int{502, 226}, 226, 502},
		{"one reply for both", "ABOR", false, []int{226}, 226, 0},
		{"a preliminary reply between them", "ABOR", false, []int{426, 150, 226}, 426, 226},
		{"another failure of the transfer", "ABOR", false, []int{451, 226}, 451, 226},
		{"nothing to abort", "ABOR", true, []int{225}, 0, 225},
		{"nothing to abort, 226", "ABOR", true, []int{226}, 0, 226},
		{"status at once", "STAT", false, []int{211, 226}, 226, 211},
		{"status of a file", "STAT", false, []int{213, 226}, 226, 213},
		{"status afterwards", "STAT", false, []int{226, 211}, 226, 211},
		{"status is not known", "STAT", false, []int{500, 226}, 226, 500},
		{"QUIT at once", "QUIT", false, []int{221, 226}, 226, 221},
		{"QUIT afterwards", "QUIT", false, []int{226, 221}, 226, 221},
	} {
		i := Interruption{idle: c.idle}
		for at, code := range c.codes {
			if i.complete() {
				t.Errorf("%s: complete before reply %d", c.name, at+1)
			}
			i.take(c.verb, Reply{Code: code, Raw: "raw"})
		}
		var codes []int
		for _, r := range i.Replies {
			codes = append(codes, r.Code)
		}
		if i.Final.Code != c.final || i.Answer.Code != c.answer || !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %v became %d and %d, want %d and %d", c.name, codes, i.Final.Code, i.Answer.Code, c.final, c.answer)
		}
		if i.complete() != (c.answer != 0) {
			t.Errorf("%s: complete: %v", c.name, i.complete())
		}
	}
}
