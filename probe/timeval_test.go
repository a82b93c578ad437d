package probe

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	for in, want := range map[string]time.Time{
		"19970214165800":                             time.Date(1997, 2, 14, 16, 58, 0, 0, time.UTC),
		"19980615100045.014":                         time.Date(1998, 6, 15, 10, 0, 45, 14e6, time.UTC),
		"10000101000000":                             time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC),
		"99991231235959.999999999":                   time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		"20240229120000":                             time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC),
		"20161231235960":                             time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC),
		"20161231235960.5":                           time.Date(2017, 1, 1, 0, 0, 0, 5e8, time.UTC),
		"20261122085709.0":                           time.Date(2026, 11, 22, 8, 57, 9, 0, time.UTC),
		"20261122085709." + strings.Repeat("9", 400): time.Date(2026, 11, 22, 8, 57, 9, 999999999, time.UTC),
	} {
		if got, err := ParseTime(in); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", in, got, err, want)
		}
	}
	for name, in := range map[string]string{
		"empty":                  "",
		"13 digits":              "1997021416580",
		"15 digits":              "199702141658000",
		"a year of five digits":  "191000214165800",
		"year 0999":              "09990214165800",
		"month 00":               "19970014165800",
		"month 13":               "19971314165800",
		"day 00":                 "19970200165800",
		"day 32":                 "19970132165800",
		"February 30":            "19970230165800",
		"February 29, no leap":   "19970229165800",
		"hour 24":                "19970214245800",
		"minute 60":              "19970214166000",
		"second 61":              "19970214165861",
		"a point alone":          "19970214165800.",
		"two points":             "19970214165800.1.2",
		"a sign in the fraction": "19970214165800.-1",
		"a comma":                "19970214165800,5",
		"a sign":                 "+9970214165800",
		"spaces":                 " 19970214165800",
		"a space behind":         "19970214165800 ",
		"letters":                "1997021416580x",
		"digits of another kind": "١٩٩٧٠٢",
		"ISO 8601":               "1997-02-14T16:58",
	} {
		if got, err := ParseTime(in); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestParseMDTM(t *testing.T) {
	want := time.Date(1998, 6, 15, 10, 0, 45, 0, time.UTC)
	if got, err := ParseMDTM(said("213 19980615100045")); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	for _, r := range []Reply{{}, said("250 19980615100045"), said("213  19980615100045"), said("213 19980615100045 GMT"), said("213-19980615100045", "213 19980615100045"), said("550 No")} {
		if got, err := ParseMDTM(r); err == nil {
			t.Errorf("%q: %v", r.Raw, got)
		}
	}
}

func TestParseSIZE(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "4096": 4096, "007": 7, "9223372036854775807": 1<<63 - 1} {
		if got, err := ParseSIZE(said("213 " + text)); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, r := range []Reply{{}, said("213 "), said("213 -1"), said("213 +1"), said("213 1_000"), said("213 0x10"), said("213 4096 bytes"), said("213  4096"), said("213 9223372036854775808"),
		said("213 " + strings.Repeat("9", 400)), said("213-4096", "213 4096"), said("250 4096"), said("550 No")} {
		if got, err := ParseSIZE(r); err == nil {
			t.Errorf("%q: %d", r.Raw, got)
		} else if len(err.Error()) > 100 {
			t.Errorf("%q: %v", r.Raw, err)
		}
	}
}

func TestFileStatusOfRealServers(t *testing.T) {
	sizes, times := 0, 0
	for _, r := range replies(t, 213) {
		if size, err := ParseSIZE(r); err == nil && size == 4096 {
			sizes++
		}
		if when, err := ParseMDTM(r); err == nil && when.Year() == 2023 {
			times++
		}
	}
	if sizes != 4 || times != 4 {
		t.Errorf("%d sizes, %d times", sizes, times)
	}
}

var timeForm = regexp.MustCompile(`^[1-9][0-9]{13}(\.[0-9]+)?$`)

// FuzzTime: what is read has the form of RFC 3659 and is the same time again
// when it is written in it.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"19970214165800", "19980615100045.014", "20161231235960", "99991231235960.9", "10000101000000.", "1997021416580000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime(s)
		if err != nil {
			if !got.IsZero() || len(err.Error()) > 200 || err.Error() != Printable(err.Error()) {
				t.Fatalf("%q: %v, %v", s, got, err)
			}
			return
		}
		if !timeForm.MatchString(s) || got.Location() != time.UTC {
			t.Fatalf("%q is read as %v", s, got)
		}
		if s[12:14] == "60" {
			got = got.Add(-time.Second)
			s = s[:12] + "59" + s[14:]
		}
		if written := got.Format("20060102150405"); written != s[:14] {
			t.Fatalf("%q is written as %s", s, written)
		}
		if r, err := ParseMDTM(said("213 " + s)); err != nil || r != got {
			t.Fatalf("%q in a 213: %v, %v", s, r, err)
		}
	})
}
