package probe

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseTime reads a time value: YYYYMMDDHHMMSS, in UTC, and a point and at least
// one digit of fraction if the server knows it (RFC 3659 §2.3). A leap
// second, 60, is the second that follows 59. Digits beyond nanoseconds are
// dropped.
func ParseTime(s string) (time.Time, error) {
	const form = "20060102150405"
	whole, fraction, pointed := strings.Cut(s, ".")
	if len(whole) != len(form) || strings.Trim(whole, digits) != "" {
		return time.Time{}, fmt.Errorf("%q is not 14 digits", shorten(whole))
	}
	if pointed && (fraction == "" || strings.Trim(fraction, digits) != "") {
		return time.Time{}, fmt.Errorf("%q is not a fraction of a second", shorten(fraction))
	}
	if whole[0] == '0' {
		return time.Time{}, fmt.Errorf("%s is not a year from 1000 to 9999", whole[:4])
	}
	leap := time.Duration(0)
	if strings.HasSuffix(whole, "60") {
		whole, leap = whole[:12]+"59", time.Second
	}
	t, err := time.Parse(form, whole)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s has a month, day, hour, minute or second that there is not", s[:len(form)])
	}
	nanos, err := strconv.Atoi((fraction + "000000000")[:9])
	if err != nil {
		return time.Time{}, err
	}
	return t.Add(leap + time.Duration(nanos)), nil
}

// ParseMDTM reads the answer to MDTM: a single line of 213, one space and a time
// value (RFC 3659 §3.1).
func ParseMDTM(r Reply) (time.Time, error) {
	value, err := fileStatus(r)
	if err != nil {
		return time.Time{}, err
	}
	return ParseTime(value)
}

// ParseSIZE reads the answer to SIZE: a single line of 213, one space and a
// number of octets (RFC 3659 §4.1).
func ParseSIZE(r Reply) (int64, error) {
	value, err := fileStatus(r)
	if err != nil {
		return 0, err
	}
	return parseSize(value)
}

func fileStatus(r Reply) (string, error) {
	if r.Code != 213 || r.Multiline() {
		return "", errors.New("no single-line 213")
	}
	return r.Text(), nil
}
