package spec

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/passiveftp/pasv/report"
)

// Requirement is one rule for a server and the way to find out whether it is
// kept.
type Requirement struct {
	// ID is stable: the prefix of the area and a number, never used twice.
	ID       string
	Level    report.Level
	Severity report.Severity
	// Title states the rule in one sentence.
	Title string
	// Cites are the sentences that the rule rests on; a rule of practice may have none.
	Cites []Citation
	// Needs are preconditions; when one is missing the verdict is skip.
	Needs Needs
	// Features are what FEAT has to list, or what has to be found to work, for
	// example "MLST" or "REST STREAM"; when one is missing the verdict is skip.
	Features []string
	// BlockedBy are requirements without which this one cannot be judged: when
	// one of them is not met, this one is skipped and names it.
	BlockedBy []*Requirement
	// Alone is set when nothing else may be judged meanwhile: the check uses up
	// what others need, or measures time.
	Alone bool
	// AloneAgain is set besides Alone when company can only make the check fail, and
	// the check is long where the server is far away. There it is tried beside
	// others, and once more alone when it is not met.
	AloneAgain bool
	// Sturdy is set besides Alone when the check is alone for the sake of the others,
	// and not disturbed by one of them that is AloneAgain.
	Sturdy bool
	// Takes is about how long the check takes where it has to wait for something, on
	// a server that keeps it waiting: those that take longest are begun first.
	Takes time.Duration
	// Idle is set when the check does little but wait: it is judged beside the number
	// of those that may be judged at once, unless that is one.
	Idle bool
	// Watch, if any, judges every session of every check besides; see [Watched].
	// The requirement's own Check has but to see to it that there is something to
	// judge.
	Watch func(*Watched)
	// Unwatched keeps the sessions of this check from those requirements: it sends
	// what a careless server repeats in its replies, and accuses it of that itself.
	Unwatched bool
	// Timeout bounds the whole check; two minutes when zero. A check that
	// takes longer is inconclusive.
	Timeout time.Duration
	// Field says what breaks in the field, and for whom, when the rule is not kept.
	Field string
	// Fixes say how to set it right.
	Fixes []Fix
	// Check tries the rule on a server. It returns when the rule is met.
	Check func(context.Context, *T)
}

// Fix is how one server product is set right.
type Fix struct {
	// Server is the product, for example "vsftpd".
	Server string
	// Setting is what to write or to do.
	Setting string
}

// Citation is a sentence in a document.
type Citation struct {
	Document string
	Section  string
	// Quote is verbatim but for white space.
	Quote string
}

// RFC cites a sentence of an RFC.
func RFC(number int, section, quote string) Citation {
	return Citation{fmt.Sprintf("RFC %d", number), section, quote}
}

// String is the place: "RFC 959 §4.1.2".
func (c Citation) String() string { return c.Document + " §" + c.Section }

// Labels are what a filter selects by: ID, area, level and severity, and where
// they apply the words slow, intrusive and alone.
func (r *Requirement) Labels() []string {
	labels := []string{
		r.ID, r.Area(),
		strings.ToLower(strings.ReplaceAll(string(r.Level), " ", "-")),
		string(r.Severity),
	}
	labels = append(labels, (r.Needs & (Slow | Intrusive)).Names()...)
	if r.Alone {
		labels = append(labels, "alone")
	}
	return labels
}

// Area is the prefix of the ID.
func (r *Requirement) Area() string {
	area, _, _ := strings.Cut(r.ID, "-")
	return area
}

// Area is a chapter of the catalogue.
type Area struct {
	// Prefix begins the IDs of the area.
	Prefix string
	Title  string
	// Requirements are in the order of their numbers.
	Requirements []*Requirement
}
