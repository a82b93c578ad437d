package probe

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseEntry(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       Entry
	}{
		{"as in RFC 3659", "size=4161;modify=19970214165800;type=file; cap60.pl", Entry{[]Fact{{"size", "4161"}, {"modify", "19970214165800"}, {"type", "file"}}, "cap60.pl"}},
		{"no facts", " name", Entry{nil, "name"}},
		{"spaces in the name", "type=file; two  words ", Entry{[]Fact{{"type", "file"}}, "two  words "}},
		{"a name that begins with a space", "type=file;  x", Entry{[]Fact{{"type", "file"}}, " x"}},
		{"a name like a fact", " type=file; x", Entry{nil, "type=file; x"}},
		{"an empty value", "lang=; x", Entry{[]Fact{{"lang", ""}}, "x"}},
		{"an = in the value", "Type=OS.unix=slink:/x; y", Entry{[]Fact{{"Type", "OS.unix=slink:/x"}}, "y"}},
		{"a fact of a system", "UNIX.mode=0755;x.y=z; é", Entry{[]Fact{{"UNIX.mode", "0755"}, {"x.y", "z"}}, "é"}},
		{"a fact twice", "type=a;type=b; x", Entry{[]Fact{{"type", "a"}, {"type", "b"}}, "x"}},
		{"no UTF-8", " \xff\xfe", Entry{nil, "\xff\xfe"}},
		{"as many facts as are read", strings.Repeat("a=b;", maxFacts) + " x", Entry{slices.Repeat([]Fact{{"a", "b"}}, maxFacts), "x"}},
	} {
		got, err := ParseEntry(c.line)
		if err != nil || !slices.Equal(got.Facts, c.want.Facts) || got.Name != c.want.Name {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
		if s := got.String(); s != c.line {
			t.Errorf("%s: written as %q", c.name, s)
		}
	}
	for name, line := range map[string]string{
		"empty":                         "",
		"no space":                      "type=file;name",
		"no name":                       "type=file; ",
		"a space alone":                 " ",
		"no final semicolon":            "type=file name",
		"no =":                          "type; name",
		"an empty fact":                 ";; name",
		"an empty fact name":            "=file; name",
		"a fact name without a letter":  "1=file; name",
		"a tab in the facts":            "type=fi\tle; name",
		"an escape in the facts":        "type=\x1b[2J; name",
		"beyond ASCII in the facts":     "type=filé; name",
		"CR in the name":                "type=file; na\rme",
		"LF in the name":                "type=file; na\nme",
		"NUL in the name":               "type=file; na\x00me",
		"a line of LIST":                "-rw-r--r-- 1 me us 7 Nov 22 08:57 x",
		"more facts than are kept":      strings.Repeat("a=b;", maxFacts+1) + " x",
		"a long line that has no facts": strings.Repeat("a", 1<<20) + " x",
	} {
		got, err := ParseEntry(line)
		if err == nil || got.Name != "" || len(got.Facts) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		} else if len(err.Error()) > 200 || err.Error() != Printable(err.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEntryFacts(t *testing.T) {
	e, err := ParseEntry("SIZE=4161;Modify=19970214165800;TYPE=OS.Unix=Symlink;size=7; x")
	if err != nil {
		t.Fatal(err)
	}
	if size, err := e.Size(); size != 4161 || err != nil {
		t.Errorf("Size() = %d, %v", size, err)
	}
	if when, err := e.Modified(); !when.Equal(time.Date(1997, 2, 14, 16, 58, 0, 0, time.UTC)) || err != nil {
		t.Errorf("Modified() = %v, %v", when, err)
	}
	if got := e.Type(); got != "os.unix=symlink" {
		t.Errorf("Type() = %q", got)
	}
	if _, ok := e.Fact("perm"); ok {
		t.Error("a fact that is not there")
	}
	if e, err = ParseEntry("size=-1;modify=1997; x"); err != nil {
		t.Fatal(err)
	}
	if size, err := e.Size(); err == nil {
		t.Errorf("Size() = %d", size)
	}
	if when, err := e.Modified(); err == nil {
		t.Errorf("Modified() = %v", when)
	}
	none := Entry{Name: "x"}
	if _, err := none.Size(); err == nil {
		t.Error("the size of nothing")
	}
	if _, err := none.Modified(); err == nil {
		t.Error("the time of nothing")
	}
	if got := none.Type(); got != "" {
		t.Errorf("the type of nothing: %q", got)
	}
}

func TestParseMLST(t *testing.T) {
	e, err := ParseMLST(said("250-Listing", " type=file; /pub/two  words", "250 End"))
	if err != nil || e.Name != "/pub/two  words" || e.Type() != "file" {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := ParseMLST(said("250-Listing", "  name", "250 End")); err != nil || e.Name != "name" || len(e.Facts) > 0 {
		t.Errorf("without facts: %+v, %v", e, err)
	}
	for _, r := range []Reply{{}, said("250 type=file; x"), said("250-Listing", "250 End"), said("250-Listing", "type=file; x", "250 End"), said("550-", " type=file; x", "550 No")} {
		if e, err := ParseMLST(r); err == nil {
			t.Errorf("%q: %+v", r.Raw, e)
		}
	}
}

func TestEntriesOfRealServers(t *testing.T) {
	for _, listing := range recorded(t, "testdata/listings/*-mlsd.txt") {
		names := map[string]Entry{}
		for line := range strings.SplitSeq(strings.TrimSuffix(listing, "\r\n"), "\r\n") {
			e, err := ParseEntry(line)
			if err != nil || e.String() != line {
				t.Errorf("%q: %+v, %v", line, e, err)
			}
			names[e.Name] = e
		}
		size, err := names["4k.bin"].Size()
		if size != 4096 || err != nil {
			t.Errorf("4k.bin: %d, %v", size, err)
		}
		when, err := names["old.txt"].Modified()
		if when.Year() != 2023 || err != nil {
			t.Errorf("old.txt: %v, %v", when, err)
		}
		if names["two  words.txt"].Type() != "file" || names["café.txt"].Type() != "file" || names["sub"].Type() != "dir" {
			t.Errorf("%+v", names)
		}
	}
	entries := 0
	for _, r := range replies(t, 250) {
		if r.Multiline() {
			entries++
			if e, err := ParseMLST(r); err != nil || e.Type() == "" {
				t.Errorf("%q: %+v, %v", r.Raw, e, err)
			}
		}
	}
	if entries != 6 {
		t.Errorf("%d entries", entries)
	}
}

// FuzzEntry: what is read is written as it was.
func FuzzEntry(f *testing.F) {
	for _, listing := range recorded(f, "testdata/listings/*-mlsd.txt") {
		for line := range strings.SplitSeq(listing, "\r\n") {
			f.Add(line)
		}
	}
	for _, s := range []string{" ", "=;  x", "a=b;c=d", "a=b=c; ;", "type=file;;  x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		e, err := ParseEntry(line)
		if err != nil {
			if e.Name != "" || e.Facts != nil || err.Error() != Printable(err.Error()) || len(err.Error()) > 200 {
				t.Fatalf("%q: %+v, %v", line, e, err)
			}
			return
		}
		if e.String() != line || e.Name == "" || strings.ContainsAny(e.Name, "\r\n\x00") || len(e.Facts) > maxFacts {
			t.Fatalf("%q is %+v, written %q", line, e, e.String())
		}
		for _, fact := range e.Facts {
			if fact.Name == "" || strings.ContainsAny(fact.Name, " ;=") || strings.ContainsAny(fact.Value, " ;") {
				t.Fatalf("%q has the fact %+v", line, fact)
			}
			if _, ok := e.Fact(strings.ToUpper(fact.Name)); !ok {
				t.Fatalf("%q: no fact %s", line, fact.Name)
			}
		}
		if size, err := e.Size(); err == nil && size < 0 {
			t.Fatalf("%q: size %d", line, size)
		}
	})
}
