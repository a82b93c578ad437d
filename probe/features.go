package probe

import (
	"errors"
	"strings"
)

// Feature is one line of the answer to FEAT (RFC 2389 §3.2).
type Feature struct {
	// Label is usually the name of a command; case does not matter.
	Label string
	// Params is what stands behind the label and one space; it may be empty.
	Params string
}

// Features are the extensions that a server says it has.
type Features struct {
	// All is every line in the order of the server.
	All []Feature
	// Quirks are the departures from the form of RFC 2389 §3.2.
	Quirks FeatureQuirk
}

// FeatureQuirk is a set of departures from the form of a feature listing.
type FeatureQuirk uint16

const (
	// FeatureNoSpace: a line that begins with no space.
	FeatureNoSpace FeatureQuirk = 1 << iota
	// FeatureSpaces: a line that begins with several spaces, or with a tab.
	FeatureSpaces
	// FeatureCode: a line that repeats "211-".
	FeatureCode
	// FeatureBlank: a line without a label.
	FeatureBlank
	// FeatureEnd: the last line is not "211 End", in any case.
	FeatureEnd
	// FeatureNone: a listing of no features, which is to be a single line.
	FeatureNone
	// FeatureUnprintable: a label that is not printable ASCII.
	FeatureUnprintable
)

var featureQuirkNames = []string{"no space before a feature", "several spaces before a feature", "the code before a feature",
	"a line without a feature", "another last line than \"211 End\"", "an empty listing", "an unprintable label"}

// String lists the quirks, separated by commas.
func (q FeatureQuirk) String() string { return bitNames(uint16(q), featureQuirkNames) }

// ParseFeatures reads the answer to FEAT: 211 with a feature in each line
// between the first and the last, or with one line for none (RFC 2389 §3.2).
// What departs from that form is read as it was probably meant, and said in
// [Features.Quirks]. Another code is an error.
func ParseFeatures(r Reply) (Features, error) {
	var f Features
	if r.Code != 211 {
		return f, errors.New("no 211")
	}
	ls := r.Lines()
	if len(ls) < 2 {
		return f, nil
	}
	last := len(ls) - 1
	for _, line := range ls[1:last] {
		f.add(line)
	}
	if !strings.EqualFold(ls[last], "211 End") {
		f.Quirks |= FeatureEnd
	}
	if len(f.All) == 0 {
		f.Quirks |= FeatureNone
	}
	return f, nil
}

func (f *Features) add(line string) {
	if rest, ok := strings.CutPrefix(line, "211-"); ok {
		f.Quirks |= FeatureCode
		line = rest
	} else if !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
		f.Quirks |= FeatureNoSpace
	}
	text := strings.TrimLeft(line, " \t")
	if indent := line[:len(line)-len(text)]; len(indent) > 1 || indent == "\t" {
		f.Quirks |= FeatureSpaces
	}
	label, params, _ := strings.Cut(text, " ")
	if label == "" {
		f.Quirks |= FeatureBlank
		return
	}
	if strings.ContainsFunc(label, func(c rune) bool { return c <= ' ' || c > '~' }) {
		f.Quirks |= FeatureUnprintable
	}
	f.All = append(f.All, Feature{label, params})
}

// Has tells whether there is a line with the label, in any case.
func (f Features) Has(label string) bool { return len(f.Params(label)) > 0 }

// Params is what stands behind the label, in any case: one string, perhaps
// empty, for each line that has it. There can be several, as for AUTH.
func (f Features) Params(label string) []string {
	var params []string
	for _, feature := range f.All {
		if strings.EqualFold(feature.Label, label) {
			params = append(params, feature.Params)
		}
	}
	return params
}
