package codes

import "testing"

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		line             string
		code             int
		opened, loggedIn bool
		want             Standing
	}{
		{"", 220, false, false, Listed},
		{"", 230, false, false, Unlisted},
		{"", 331, false, false, WrongClass},
		{"PASV", 227, false, true, Listed},
		{"pasv", 425, false, true, Practice},
		{"PASV", 200, false, true, Unlisted},
		{"PASV", 150, false, true, WrongClass},
		{"PASV", 530, false, false, Listed},
		{"NOOP", 530, false, false, Listed},
		{"NOOP", 530, false, true, Practice},
		{"NOOP", 421, false, true, Listed},
		{"RETR x", 150, false, true, Listed},
		{"RETR x", 150, true, true, WrongClass},
		{"RETR x", 226, true, true, Listed},
		{"RETR x", 426, true, true, Listed},
		{"RETR x", 550, true, true, OtherPlace},
		{"RETR x", 426, false, true, OtherPlace},
		{"RETR x", 299, true, true, Unlisted},
		{"RETR x", 331, true, true, WrongClass},
		{"EPSV ALL", 299, false, true, Listed},
		{"EPSV 1", 299, false, true, Unlisted},
		{"XMKD a", 257, false, true, Listed},
		{"XYZZ", 502, false, true, Listed},
		{"XYZZ", 202, false, true, Practice},
		{"XYZZ", 331, false, true, WrongClass},
	} {
		row, _ := Lookup(c.line)
		if got := row.Place(c.code, c.opened, c.loggedIn); got != c.want {
			t.Errorf("%q answered %d, opened %t, logged in %t: %d, want %d", c.line, c.code, c.opened, c.loggedIn, got, c.want)
		}
	}
}

// Every code of the table names the RFC that allows it, by the number.
func TestEveryCodeHasItsPlace(t *testing.T) {
	if len(Names()) < 45 {
		t.Fatalf("only %d rows were read", len(Names()))
	}
	for _, name := range Names() {
		c := table()[name]
		if c.Syntax == "" {
			t.Errorf("%s has no syntax", name)
		}
		for _, m := range []map[int]string{c.Preliminary, c.Success, c.Intermediate, c.Failure, c.FailureAfter} {
			for code, place := range m {
				if code < 100 || code > 659 || place == "" {
					t.Errorf("%s: %d: %q", name, code, place)
				}
			}
		}
	}
}
