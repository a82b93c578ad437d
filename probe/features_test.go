package probe

import (
	"slices"
	"strings"
	"testing"
)

func TestParseFeatures(t *testing.T) {
	for _, c := range []struct {
		name   string
		reply  Reply
		want   []Feature
		quirks FeatureQuirk
	}{
		{"as in RFC 2389", said("211-Extensions supported:", " MLST size*;create;", " SIZE", " REST STREAM", "211 END"),
			[]Feature{{"MLST", "size*;create;"}, {"SIZE", ""}, {"REST", "STREAM"}}, 0},
		{"none", said("211 no features"), nil, 0},
		{"none in two lines", said("211-Features:", "211 End"), nil, FeatureNone},
		{"a full stop", said("211-Features:", " SIZE", "211 End."), []Feature{{"SIZE", ""}}, FeatureEnd},
		{"digits alone at the end", said("211-Features:", " SIZE", "211"), []Feature{{"SIZE", ""}}, FeatureEnd},
		{"no space", said("211-Features:", "SIZE", "211 End"), []Feature{{"SIZE", ""}}, FeatureNoSpace},
		{"two spaces", said("211-Features:", "  SIZE", "211 End"), []Feature{{"SIZE", ""}}, FeatureSpaces},
		{"a tab", said("211-Features:", "\tSIZE", "211 End"), []Feature{{"SIZE", ""}}, FeatureSpaces},
		{"the code", said("211-Features:", "211-SIZE", "211 End"), []Feature{{"SIZE", ""}}, FeatureCode},
		{"the code and a space", said("211-Features:", "211- SIZE", "211 End"), []Feature{{"SIZE", ""}}, FeatureCode},
		{"blank lines", said("211-Features:", "", " ", " SIZE", "211 End"), []Feature{{"SIZE", ""}}, FeatureBlank | FeatureNoSpace},
		{"spaces at the end", said("211-Features:", " SIZE ", " REST  STREAM ", "211 End"), []Feature{{"SIZE", ""}, {"REST", " STREAM "}}, 0},
		{"not printable", said("211-Features:", " SI\x1bZE", " TVFSé", "211 End"), []Feature{{"SI\x1bZE", ""}, {"TVFSé", ""}}, FeatureUnprintable},
	} {
		got, err := ParseFeatures(c.reply)
		if err != nil || !slices.Equal(got.All, c.want) || got.Quirks != c.quirks {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, got, err, c.want, c.quirks)
		}
	}
	for _, r := range []Reply{{}, said("500 What?"), said("530 Log in first."), said("214-", " SIZE", "214 End")} {
		if got, err := ParseFeatures(r); err == nil {
			t.Errorf("%q: %+v", r.Raw, got)
		}
	}
}

func TestFeaturesLookup(t *testing.T) {
	f, err := ParseFeatures(said("211-", " auth SSL", " AUTH TLS", " Size", "211 End"))
	if err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string][]string{"AUTH": {"SSL", "TLS"}, "size": {""}, "AUT": nil, "": nil} {
		if got := f.Params(label); !slices.Equal(got, want) || f.Has(label) != (want != nil) {
			t.Errorf("%s: %q, %v; want %q", label, got, f.Has(label), want)
		}
	}
}

func TestFeaturesOfRealServers(t *testing.T) {
	listings := 0
	for _, r := range replies(t, 211) {
		if !strings.Contains(strings.ToLower(r.Text()), "supported") && !strings.Contains(r.Text(), "Features") {
			continue // the answer to STAT
		}
		listings++
		f, err := ParseFeatures(r)
		if err != nil || !f.Has("SIZE") || !slices.Contains(f.Params("auth"), "TLS") || f.Quirks&^FeatureEnd != 0 {
			t.Errorf("%q: %+v, %v", r.Raw, f, err)
		}
	}
	if listings < 7 { // vsftpd has none before the login
		t.Errorf("%d listings", listings)
	}
}

func TestFeatureQuirkString(t *testing.T) {
	for q, want := range map[FeatureQuirk]string{0: "", FeatureNoSpace | FeatureEnd: `no space before a feature, another last line than "211 End"`, FeatureUnprintable: "an unprintable label"} {
		if got := q.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// lower is for ASCII alone: not every letter beyond is equal to its lower case.
func lower(c rune) rune {
	if 'A' <= c && c <= 'Z' {
		return c + ' '
	}
	return c
}

// FuzzFeatures: every line between the first and the last is a feature or
// blank, and a listing written by the rules has no quirk.
func FuzzFeatures(f *testing.F) {
	for _, r := range replies(f, 211) {
		f.Add(strings.Join(r.Lines(), "\n"))
	}
	for _, s := range []string{"", "\n SIZE\n211 End", "\n211-\n\t\n\x00", "211-\n211- \n  x  y\n", "\n 0İ\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := Reply{Code: 211, Raw: "211-" + text + "\r\n"}
		got, err := ParseFeatures(r)
		if err != nil {
			t.Fatal(err)
		}
		if n := max(0, len(r.Lines())-2); len(got.All) > n || len(got.All) < n && got.Quirks&FeatureBlank == 0 {
			t.Fatalf("%q: %d features in %d lines, %v", text, len(got.All), n, got.Quirks)
		}
		lines := []string{"211-"}
		for _, feature := range got.All {
			if feature.Label == "" || strings.Contains(feature.Label, " ") || !got.Has(feature.Label) || !slices.Contains(got.Params(strings.Map(lower, feature.Label)), feature.Params) {
				t.Fatalf("%q: %+v", text, feature)
			}
			if feature.Params != "" {
				feature.Label += " " + feature.Params
			}
			lines = append(lines, " "+strings.NewReplacer("\xff", "\xff\xff", "\r", "\r\x00").Replace(feature.Label))
		}
		again, err := ParseFeatures(said(append(lines, "211 End")...))
		if err != nil || !slices.Equal(again.All, got.All) || again.Quirks&^(FeatureNone|FeatureUnprintable|FeatureSpaces) != 0 {
			t.Fatalf("%+v is read again as %+v, %v", got, again, err)
		}
	})
}
