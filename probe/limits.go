package probe

import "errors"

// Limits bound what is accepted from a server. The zero value of a field means
// its default. What exceeds a limit is an *[Error] of cause [Excess].
type Limits struct {
	// Line is the longest line of a reply, in octets; 64 KiB by default.
	Line int
	// Reply is the longest reply, in octets; 1 MiB by default.
	Reply int
	// Lines is how many lines one reply may have; 20000 by default.
	Lines int
	// Greeting is the longest greeting, in octets; 64 KiB by default.
	Greeting int
	// Preliminary is how many preliminary replies may follow one another, 120
	// before the greeting among them; 100 by default.
	Preliminary int
	// Unasked is how many replies are kept that answer nothing; 100 by default.
	// Together they may be as long as one reply.
	Unasked int
	// Listing is the longest listing, in octets, that is kept in memory as
	// [Session.Listing] does; 64 MiB by default. What is discarded or written
	// elsewhere has no limit.
	Listing int
}

// withDefaults is l with each default in its place.
func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		limit    *int
		standard int
	}{
		{&l.Line, 64 << 10}, {&l.Reply, 1 << 20}, {&l.Lines, 20000}, {&l.Greeting, 64 << 10}, {&l.Preliminary, 100}, {&l.Unasked, 100},
		{&l.Listing, 64 << 20},
	} {
		if *f.limit <= 0 {
			*f.limit = f.standard
		}
	}
	return l
}

// Errors of a server that sends too much. All of them but ErrTooMuchData end the
// dialogue: what follows cannot be assigned to a command.
var (
	// ErrLineTooLong: a line exceeds [Limits.Line].
	ErrLineTooLong = errors.New("reply line too long")
	// ErrReplyTooLong: a multi-line reply exceeds [Limits.Reply].
	ErrReplyTooLong = errors.New("reply too long")
	// ErrTooManyLines: a multi-line reply exceeds [Limits.Lines].
	ErrTooManyLines = errors.New("too many lines in a reply")
	// ErrGreetingTooLong: a greeting exceeds [Limits.Greeting].
	ErrGreetingTooLong = errors.New("greeting too long")
	// ErrTooManyPreliminary: one preliminary reply after the other, beyond
	// [Limits.Preliminary].
	ErrTooManyPreliminary = errors.New("preliminary replies without an end")
	// ErrTooManyReplies: more replies that answer nothing than [Limits.Unasked].
	ErrTooManyReplies = errors.New("too many replies that answer nothing")
	// ErrTooMuchData: more on a data connection than is kept, see [Limits.Listing].
	ErrTooMuchData = errors.New("too much data")
)

// excessive tells the errors of a server that sends too much.
func excessive(err error) bool {
	for _, e := range []error{ErrLineTooLong, ErrReplyTooLong, ErrTooManyLines, ErrGreetingTooLong, ErrTooManyPreliminary, ErrTooManyReplies, ErrTooMuchData} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
