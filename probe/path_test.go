package probe

import (
	"strings"
	"testing"
)

func TestParsePath(t *testing.T) {
	for want, replies := range map[string][]Reply{
		"/":                  {said(`257 "/"`), said(`257 "/" is the current directory.`), said(`257-"/" is the`, "257 current directory."), said("257-Listen:", " so", `257 "/" it is.`)},
		`/usr/dm/foo"bar`:    {said(`257 "/usr/dm/foo""bar" directory created`)},
		`"`:                  {said(`257 """"`)},
		`""x`:                {said(`257 """""x" y`)},
		`say "hello"`:        {said(`257 "say ""hello""" created`)},
		"/two  words ":       {said(`257 "/two  words " "quoted" comment`)},
		"/caf\xc3\xa9\xff\r": {said("257 \"/caf\xc3\xa9\xff\xff\r\x00\"")},
		"C:\\":               {said(`257 "C:\" is current`)},
	} {
		for _, r := range replies {
			if got, err := ParsePath(r); err != nil || got != want {
				t.Errorf("%q: %q, %v; want %q", r.Raw, got, err, want)
			}
		}
	}
	for _, r := range []Reply{{}, said("257 /"), said(`257  "/"`), said("257 is the current directory"), said(`257 "/`), said(`257 """`), said(`257 ""`), said(`257 "" x`),
		said(`257 "say "hello"" created`), said(`257 "/pub"is current`), said(`257-"/pub`, `257 " is current`), said(`250 "/"`), said("257 ")} {
		if got, err := ParsePath(r); err == nil || got != "" {
			t.Errorf("%q: %q", r.Raw, got)
		}
	}
}

// Pure-FTPd does not double quotes; there is no telling what its paths are.
func TestPathsOfRealServers(t *testing.T) {
	count := map[string]int{}
	for _, r := range replies(t, 257) {
		path, err := ParsePath(r)
		if doubled := !strings.Contains(r.Text(), `"hello""`) || strings.Contains(r.Text(), `""hello""`); doubled != (err == nil) {
			t.Errorf("%q: %q, %v", r.Raw, path, err)
		}
		count[path]++
	}
	if count["/"] != 4 || count["/pub"] != 4 || count["/new"] != 4 || count[`/pub/say "hello"`] != 6 || count[""] != 2 {
		t.Errorf("%v", count)
	}
}

// FuzzPath: every path that is written by the rule is read, and what is read
// was written by the rule.
func FuzzPath(f *testing.F) {
	for _, r := range replies(f, 257) {
		f.Add(r.Text())
	}
	for _, s := range []string{`"`, `""`, `"""`, `""""`, `"a"b"`, `" " `, "x\r\n257 \"/\""} {
		f.Add(s)
	}
	quote := func(path string) string { return `"` + strings.ReplaceAll(path, `"`, `""`) + `"` }
	wire := strings.NewReplacer("\xff", "\xff\xff", "\r", "\r\x00", "\n", " ")
	f.Fuzz(func(t *testing.T, s string) {
		path, err := ParsePath(Reply{Code: 257, Raw: "257 " + s + "\r\n"})
		if err != nil && path != "" {
			t.Fatalf("%q: %q, %v", s, path, err)
		}
		if err == nil {
			text := Reply{Code: 257, Raw: "257 " + s + "\r\n"}.Text()
			for !strings.HasPrefix(text, `"`) { // the lines before the path
				_, text, _ = strings.Cut(text, "\n")
			}
			rest, ok := strings.CutPrefix(text, quote(path))
			if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\n' {
				t.Fatalf("%q is read from %q", path, text)
			}
		}
		if s = strings.ReplaceAll(s, "\n", " "); s == "" {
			return
		}
		for _, comment := range []string{"", " ", ` is "current"`} {
			if again, err := ParsePath(said("257 " + wire.Replace(quote(s)+comment))); again != s || err != nil {
				t.Fatalf("%q is read as %q, %v", s, again, err)
			}
		}
	})
}
