package probe

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// shown is the text of all lines.
func shown(t *Transcript) []string {
	var out []string
	for _, l := range t.Lines() {
		out = append(out, l.Dir.String()+" "+l.Text)
	}
	return out
}

func TestTranscript(t *testing.T) {
	for _, c := range []struct {
		name    string
		secrets []string
		dir     Direction
		text    string
		want    []string
	}{
		{"a command", nil, Sent, "USER me", []string{"send USER me"}},
		{"a reply", nil, Received, "220-a\r\nb\n220 c\r\n", []string{"recv 220-a", "recv b", "recv 220 c"}},
		{"half a reply", nil, Received, "220-a\r\nb", []string{"recv 220-a", "recv b"}},
		{"a note", nil, Noted, "TLS", []string{"note TLS"}},
		{"what no terminal should see", nil, Received, "220 \x1b[2J\u202e\xff\r\n", []string{`recv 220 \x1b[2J\u202e\xff`}},
		{"PASS", nil, Sent, "PASS hunter2", []string{"send PASS ***"}},
		{"PASS in lower case", nil, Sent, "pass hunter2", []string{"send pass ***"}},
		{"PASS with spaces", nil, Sent, "Pass  hunter2 and more", []string{"send Pass ***"}},
		{"PASS without an argument", nil, Sent, "PASS", []string{"send PASS"}},
		{"PASS among several commands", nil, Sent, "USER me\r\nPASS hunter2\r\nSYST", []string{"send USER me", "send PASS ***", "send SYST"}},
		{"ACCT", nil, Sent, "ACCT books", []string{"send ACCT ***"}},
		{"no PASS", nil, Sent, "PASSWD hunter2", []string{"send PASSWD hunter2"}},
		{"PASS echoed", nil, Received, "PASS hunter2\r\n", []string{"recv PASS ***"}},
		{"an echo", []string{"hunter2"}, Received, "530 hunter2 is wrong, not hunter2\r\n", []string{"recv 530 *** is wrong, not ***"}},
		{"an echo in several lines", []string{"hunter2"}, Received, "530-hunter2\r\n530 hunter2\r\n", []string{"recv 530-***", "recv 530 ***"}},
		{"a note with the password", []string{"hunter2"}, Noted, "tried hunter2", []string{"note tried ***"}},
		{"an empty password", []string{""}, Received, "530 no\r\n", []string{"recv 530 no"}},
		{"a password that begins with another", []string{"hunter", "hunter2"}, Received, "530 hunter2 hunter\r\n", []string{"recv 530 *** ***"}},
		{"the same password many times", slices.Repeat([]string{"*"}, 64), Received, "530 *\r\n", []string{"recv 530 ***"}},
		{"an octet 255 doubled", []string{"h\xff2"}, Received, "530 h\xff\xff2 h\xff2\r\n", []string{"recv 530 *** ***"}},
		{"a password that is made printable", []string{"h\x1b2"}, Received, "530 h\x1b2\r\n", []string{"recv 530 ***"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var tr Transcript
			for _, s := range c.secrets {
				tr.hide(s)
			}
			tr.add(time.Second, c.dir, c.text)
			if got := shown(&tr); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if at := tr.Lines()[0].At; at != time.Second {
				t.Errorf("At = %v", at)
			}
		})
	}
}

// A password is hidden also where it came before it was known.
func TestTranscriptHidesLater(t *testing.T) {
	var tr Transcript
	tr.add(0, Received, "220 Welcome, hunter2\r\n")
	tr.hide("hunter2")
	if got := shown(&tr); !slices.Equal(got, []string{"recv 220 Welcome, ***"}) {
		t.Errorf("%q", got)
	}
}

func TestTranscriptBounds(t *testing.T) {
	const forgotten = "note (the beginning is not kept)"
	var tr Transcript
	for i := range keepEntries {
		tr.add(0, Noted, fmt.Sprint(i))
	}
	if got := shown(&tr); len(got) != keepEntries || got[0] != "note 0" {
		t.Errorf("%d lines, the first is %s", len(got), got[0])
	}
	for i := range 10 * keepEntries {
		tr.add(0, Noted, fmt.Sprint("later ", i))
		if len(tr.entries) > keepEntries {
			t.Fatalf("%d entries", len(tr.entries))
		}
	}
	got := shown(&tr)
	if last := fmt.Sprint("note later ", 10*keepEntries-1); got[0] != forgotten || got[len(got)-1] != last {
		t.Errorf("begins with %s, ends with %s", got[0], got[len(got)-1])
	}

	long := strings.Repeat("x", keepOctets/4)
	for range 100 {
		tr.add(0, Received, long)
		if tr.octets > keepOctets {
			t.Fatalf("%d octets", tr.octets)
		}
	}
	tr.add(0, Received, strings.Repeat("y", 2*keepOctets))
	if got := tr.Lines(); len(got) != 2 || len(got[1].Text) != 2*keepOctets {
		t.Errorf("%d lines after an entry that is too long by itself", len(got))
	}
	tr.add(0, Noted, "end")
	if got := shown(&tr); !slices.Equal(got, []string{forgotten, "note end"}) || tr.octets != 3 {
		t.Errorf("%d lines, %d octets", len(got), tr.octets)
	}
}

func TestTranscriptKeep(t *testing.T) {
	var tr Transcript
	for i := range 5 {
		tr.add(0, Noted, fmt.Sprint(i))
	}
	tr.Keep(9)
	if got := shown(&tr); len(got) != 5 {
		t.Errorf("%q", got)
	}
	tr.Keep(2)
	if got := shown(&tr); !slices.Equal(got, []string{"note (the beginning is not kept)", "note 3", "note 4"}) {
		t.Errorf("%q", got)
	}
	tr.Keep(0)
	if got := shown(&tr); len(got) != 1 || tr.octets != 0 {
		t.Errorf("%q, %d octets", got, tr.octets)
	}
}
