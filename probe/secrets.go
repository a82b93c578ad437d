package probe

import (
	"slices"
	"strconv"
	"strings"
)

// secrets are the passwords that a session has used.
type secrets []string

// snapshot is the passwords so far, for an error that outlives its session. The
// result prints as nothing.
func (s secrets) snapshot() func() secrets {
	if len(s) == 0 {
		return nil
	}
	return func() secrets { return s }
}

// hider returns a function that replaces the passwords in a text, and whatever
// they look like there: as they are on the wire, where an octet 255 is doubled
// (RFC 854 p.14), as [Printable] shows them, and quoted.
func (s secrets) hider() func(string) string {
	var forms []string
	for _, secret := range s {
		quoted := strconv.Quote(secret)
		forms = append(forms, secret, strings.ReplaceAll(secret, "\xff", "\xff\xff"), Printable(secret), quoted[1:len(quoted)-1])
	}
	// The longest comes first, lest a password that begins with another one show its end.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, asterisks)
	}
	return strings.NewReplacer(pairs...).Replace
}

// telling is how much of the beginning of a password must not be seen where a
// text was cut in the middle of it.
const telling = 3

// hideCut is hider for a text that was cut, perhaps in the middle of a password.
func (s secrets) hideCut(text string) string {
	text = s.hider()(text)
	cut := len(text)
	for _, secret := range s {
		for _, form := range []string{secret, strings.ReplaceAll(secret, "\xff", "\xff\xff")} {
			for n := min(len(form)-1, len(text)); n >= telling; n-- {
				if strings.HasSuffix(text, form[:n]) {
					cut = min(cut, len(text)-n)
					break
				}
			}
		}
	}
	if cut < len(text) {
		return text[:cut] + asterisks
	}
	return text
}
