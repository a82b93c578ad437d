package probe

import (
	"strings"
	"testing"
)

func TestHideCut(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing of it", "530 no", "530 no"},
		{"all of it", "530 hunter2 no", "530 *** no"},
		{"all of it at the end", "530 hunter2", "530 ***"},
		{"the beginning at the end", "530 hunter", "530 ***"},
		{"a short beginning at the end", "530 hun", "530 ***"},
		{"what could be the beginning of any word", "530 hu", "530 hu"},
		{"the beginning in the middle", "530 hunter no", "530 hunter no"},
		{"the beginning and nothing else", "hunte", "***"},
		{"an octet 255 doubled and cut", "530 \xff\xff\xff\xffp", "530 ***"},
		{"nothing", "", ""},
	} {
		if got := (secrets{"hunter2", "\xff\xffpass"}).hideCut(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A password is hidden in an error in whatever form the text has it.
func TestErrorHidesPasswords(t *testing.T) {
	for _, password := range []string{"hunter2", `h"un\ter`, "h\x1bunter", "hünter", "h\xffunter"} {
		var s Session
		s.transcript.hide(password)
		wire := strings.ReplaceAll(password, "\xff", "\xff\xff")
		for _, e := range []*Error{
			s.refusal(Login, Reply{Code: 530, Raw: "530 " + wire + "\r\n"}),
			s.unreadable(Passive, Reply{Code: 227, Raw: "227 " + wire + "\r\n"}, errNoHostPort),
			s.failure(t.Context(), Login, "", &SyntaxError{Line: "what is " + password}),
		} {
			if got := e.Error(); !strings.Contains(got, asterisks) || strings.Contains(got, "unter") {
				t.Errorf("%q: %s", password, got)
			}
		}
	}
}

// A session without a password has nothing to hide.
func TestErrorWithoutPasswords(t *testing.T) {
	var s Session
	if got := s.refusal(Login, Reply{Code: 530, Raw: "530 no\r\n"}).Error(); !strings.HasSuffix(got, ": 530 no") {
		t.Error(got)
	}
}
