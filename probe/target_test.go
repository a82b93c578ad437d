package probe

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for in, want := range map[string]Target{
		"ftp://host":                              {Plain, "host", 21, "anonymous", "", ""},
		"ftp://host/":                             {Plain, "host", 21, "anonymous", "", ""},
		"FTP://host":                              {Plain, "host", 21, "anonymous", "", ""},
		"ftpes://host":                            {Explicit, "host", 21, "anonymous", "", ""},
		"ftps://host":                             {Implicit, "host", 990, "anonymous", "", ""},
		"ftps://host:21":                          {Implicit, "host", 21, "anonymous", "", ""},
		"ftp://host:65535":                        {Plain, "host", 65535, "anonymous", "", ""},
		"ftp://host:1":                            {Plain, "host", 1, "anonymous", "", ""},
		"ftp://host:":                             {Plain, "host", 21, "anonymous", "", ""},
		"ftp://192.0.2.1:2121":                    {Plain, "192.0.2.1", 2121, "anonymous", "", ""},
		"ftp://[::1]":                             {Plain, "::1", 21, "anonymous", "", ""},
		"ftp://[2001:db8::1]:2121/":               {Plain, "2001:db8::1", 2121, "anonymous", "", ""},
		"ftp://[fe80::1%25eth0]/":                 {Plain, "fe80::1%eth0", 21, "anonymous", "", ""},
		"ftp://user@host":                         {Plain, "host", 21, "user", "", ""},
		"ftp://user:@host":                        {Plain, "host", 21, "user", "", ""},
		"ftp://user:pass@host":                    {Plain, "host", 21, "user", "pass", ""},
		"ftp://user:pa:ss@host":                   {Plain, "host", 21, "user", "pa:ss", ""},
		"ftp://user%40example.org:pass@host":      {Plain, "host", 21, "user@example.org", "pass", ""},
		"ftp://user:right%3Apass%2Fword%401@host": {Plain, "host", 21, "user", "right:pass/word@1", ""},
		"ftp://user:%25%3F%23%5B%20@host":         {Plain, "host", 21, "user", "%?#[ ", ""},
		"ftp://user:caf%C3%A9@host":               {Plain, "host", 21, "user", "café", ""},
		"ftp://user:%FF@host":                     {Plain, "host", 21, "user", "\xff", ""},
		"ftp://@host":                             {Plain, "host", 21, "anonymous", "", ""},
		"ftp://:pass@host":                        {Plain, "host", 21, "anonymous", "", ""},
		"ftp://host/pub":                          {Plain, "host", 21, "anonymous", "", "pub"},
		"ftp://host/pub/":                         {Plain, "host", 21, "anonymous", "", "pub"},
		"ftp://host/pub//":                        {Plain, "host", 21, "anonymous", "", "pub"},
		"ftp://host/a/b":                          {Plain, "host", 21, "anonymous", "", "a/b"},
		"ftp://host//a/b":                         {Plain, "host", 21, "anonymous", "", "/a/b"},
		"ftp://host/%2Fa/b":                       {Plain, "host", 21, "anonymous", "", "/a/b"},
		"ftp://host//":                            {Plain, "host", 21, "anonymous", "", "/"},
		"ftp://host///":                           {Plain, "host", 21, "anonymous", "", "/"},
		"ftp://host/%2F":                          {Plain, "host", 21, "anonymous", "", "/"},
		"ftp://host/two%20words%3F":               {Plain, "host", 21, "anonymous", "", "two words?"},
		"ftp://host/me%40example.org":             {Plain, "host", 21, "anonymous", "", "me@example.org"},
		"ftp://host/..":                           {Plain, "host", 21, "anonymous", "", ".."},
	} {
		got, err := ParseTarget(in)
		if err != nil || got != want {
			t.Errorf("%s: %#v, %q, %v; want %#v, %q", in, got, string(got.Pass), err, want, string(want.Pass))
		}
	}
}

// None of the errors holds any part of "secret", the password in all of them.
func TestParseTargetErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "a target is a URL",
		"host":                             "a target is a URL",
		"user:secret@host":                 "a target is a URL",
		"http://user:secret@host":          "the scheme is none of ftp, ftpes, ftps",
		"://user:secret@host":              "not a URL",
		"ftp:secret://host":                "no host",
		"ftp://":                           "no host",
		"ftp:///pub":                       "no host",
		"ftp://user:secret@":               "no host",
		"ftp://user:secret@:21":            "no host",
		"ftp://user:secret@host:0":         `port "0" is not between 1 and 65535`,
		"ftp://user:secret@host:65536":     `port "65536" is not between 1 and 65535`,
		"ftp://user:secret@host:99999999":  "is not between 1 and 65535",
		"ftp://user:secret@host:-1":        "not a URL",
		"ftp://user:secret@host:ftp":       "not a URL",
		"ftp://user:secret@::1":            "brackets",
		"ftp://user:secret@[host]":         "not a URL",
		"ftp://user:secret@[192.0.2.1]":    "not a URL",
		"ftp://user:secret@2001:db8::1:21": "brackets",
		"ftp://user:secret@[::1":           "not a URL",
		"ftp://user:secret@ho st":          "a character that no host name has",
		"ftp://user:sec%ret@host":          "a % without two hexadecimal digits",
		"ftp://user:secret%@host":          "a % without two hexadecimal digits",
		"ftp://user:sec ret@host":          "not a URL",
		"ftp://user:sec/ret@host":          "not a URL",
		"ftp://user:secret\x7f@host":       "not a URL",
		"ftp://user:sec?ret@host":          "not a URL",
		"ftp://user:sec#ret@host":          "not a URL",
		"ftp://user:sec[ret@host":          "not a URL",
		"ftp://user:2121/secret@host":      "an @ behind the host",
		"ftp://user:se@cret/s@host":        "an @ behind the host",
		"ftp://user:2121?secret@host":      "neither query nor fragment",
		"ftp://user:2121#secret@host":      "neither query nor fragment",
		"ftp://host?":                      "neither query nor fragment",
		"ftp://host#":                      "neither query nor fragment",
		"ftp://host/pub?type=i":            "neither query nor fragment",
		"ftp://user:secret%0D%0A@host":     "a line break or NUL",
		"ftp://user%0A:secret@host":        "a line break or NUL",
		"ftp://user:secret@host/a%00b":     "a line break or NUL",
	} {
		got, err := ParseTarget(in)
		if err == nil || !strings.Contains(err.Error(), want) || got != (Target{}) {
			t.Errorf("%s: %v, %v; want %s", in, got, err, want)
			continue
		}
		for _, part := range []string{"sec", "ret"} {
			if strings.Contains(err.Error(), part) {
				t.Errorf("%s: the error holds %q: %v", in, part, err)
			}
		}
	}
}

func TestTargetString(t *testing.T) {
	for want, target := range map[string]Target{
		"ftp://host:21/":                       {Plain, "host", 21, "anonymous", "", ""},
		"ftpes://user@host:2121/pub":           {Explicit, "host", 2121, "user", "secret", "pub"},
		"ftps://user@[::1]:990//etc":           {Implicit, "::1", 990, "user", "secret", "/etc"},
		"ftp://me%40example.org@host:21/":      {Plain, "host", 21, "me@example.org", "secret", ""},
		"ftp://host:21/me%40example.org%20%3F": {Plain, "host", 21, "", "", "me@example.org ?"},
		"ftp://host:21//":                      {Plain, "host", 21, "", "", "/"},
		"ftp://[fe80::1%25eth0]:21/":           {Plain, "fe80::1%eth0", 21, "", "", ""},
	} {
		if got := target.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := (Target{Host: "::1", Port: 21}).Address(); got != "[::1]:21" {
		t.Errorf("Address() = %s", got)
	}
}

func TestSecret(t *testing.T) {
	target := Target{Host: "host", User: "user", Pass: "hunter2"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "pass", target.Pass, "target", target)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "pass", target.Pass, "target", target)
	outputs := []string{log.String(), target.Pass.String(), target.Pass.GoString(), target.String(), fmt.Sprintln(target.Pass, target, &target)}
	for _, verb := range []string{"v", "+v", "#v", "s", "q", "#q", "x", "X", "% x", "d", "t", "f", "c", "U", "b", "o", "e", "g", "10s", "-.3s", "z"} {
		outputs = append(outputs, fmt.Sprintf("%"+verb, target.Pass), fmt.Sprintf("%"+verb, target), fmt.Sprintf("%"+verb, []Secret{target.Pass}))
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, xml.Marshal} {
		b, err := marshal(target)
		if err != nil {
			t.Fatal(err)
		}
		outputs = append(outputs, string(b))
	}
	for _, out := range outputs {
		if strings.Contains(out, "hunter") || strings.Contains(strings.ToLower(out), fmt.Sprintf("%x", "hunter")) {
			t.Errorf("the password is in %s", out)
		}
	}
	if got := fmt.Sprintf("%d", target.Pass); got != "***" {
		t.Errorf("%%d prints %s", got)
	}
}

// FuzzTarget: a target survives being printed, except for its password, and no
// error holds the password, however badly it is written.
func FuzzTarget(f *testing.F) {
	for _, s := range []string{"ftp://user:hunter2@host:21/dir", "ftpes://[::1]//etc", "ftps://h/%2F", "ftp://a:b@c:99999", "ftp://h/%zz", "ftp://[fe80::1%25e]/", "x"} {
		f.Add(s, "hunter2hunter2", true)
	}
	for _, pass := range []string{"correct horse", "12345/67890", "12345@67890/1", "12345?6789", "12345#6789", "%41%4", "[12345]", "a:b:c\x00d", "\xff\xfe12345"} {
		f.Add("ftp://host/", pass, false)
		f.Add("ftp://host/", pass, true)
	}
	f.Fuzz(func(t *testing.T, s, pass string, escaped bool) {
		if target, err := ParseTarget(s); err == nil {
			if target.Host == "" || target.Port == 0 || target.User == "" || strings.ContainsAny(target.Dir, "\r\n\x00") {
				t.Fatalf("%q: %+v", s, target)
			}
			again, err := ParseTarget(target.String())
			target.Pass = ""
			if err != nil || again != target {
				t.Fatalf("%q is %+v, printed %s, and that is %+v, %v", s, target, target, again, err)
			}
		}

		// Short passwords occur in any text.
		if len(pass) < 8 || strings.Contains("anonymous percent-encoded hexadecimal", strings.ToLower(pass)) {
			return
		}
		written := pass
		if escaped {
			written = url.UserPassword("", pass).String()[1:]
		}
		target, err := ParseTarget("ftp://user:" + written + "@host.example:2121/dir")
		if err != nil {
			for _, part := range []string{pass, written} {
				if strings.Contains(err.Error(), part) {
					t.Fatalf("the error about password %q holds it: %v", pass, err)
				}
			}
			return
		}
		if escaped && string(target.Pass) != pass {
			t.Fatalf("password %q is read as %q", pass, string(target.Pass))
		}
		if target.Host != "host.example" || target.Port != 2121 {
			t.Fatalf("password %q leads to %s", pass, target.Host)
		}
		if printed := fmt.Sprintf("%v %+v", target, target); strings.Contains(printed, written) {
			t.Fatalf("the target with password %q prints as %s", pass, printed)
		}
	})
}
