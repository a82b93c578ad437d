package scenarios

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Duration is a length of time as Go writes it: 50ms, 10s, 1m30s.
type Duration time.Duration

// maxDuration bounds every duration of a scenario.
const maxDuration = 24 * time.Hour

// ParseDuration reads a duration between 0 and 24 hours.
func ParseDuration(s string) (Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > maxDuration {
		return 0, fmt.Errorf("%q is not a duration like 50ms, 10s or 1m30s, of at most 24h", s)
	}
	return Duration(d), nil
}

func (d Duration) String() string { return time.Duration(d).String() }

// UnmarshalYAML reads what [ParseDuration] reads.
func (d *Duration) UnmarshalYAML(n ast.Node) error {
	return unmarshal(n, "a duration like 10s", ParseDuration, d)
}

// Size is a number of octets: 4096, 4KiB, 1MiB, 1GB. KiB, MiB, GiB and TiB are
// powers of 1024; kB, MB, GB and TB powers of 1000.
type Size int64

var sizeUnits = []struct {
	name   string
	factor float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// maxSize bounds every size of a scenario.
const maxSize = 1 << 50

// ParseSize reads a size.
func ParseSize(s string) (Size, error) {
	number, factor := s, 1.0
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(s, u.name); ok {
			number, factor = strings.TrimSpace(rest), u.factor
			break
		}
	}
	v, err := parseNumber(number)
	v *= factor
	if err != nil || v > maxSize || v != math.Trunc(v) {
		return 0, fmt.Errorf("%q is not a size like 4096, 4KiB, 1MiB or 1GB", s)
	}
	return Size(v), nil
}

func (s Size) String() string {
	for _, u := range []string{"TiB", "GiB", "MiB", "KiB"} {
		for _, unit := range sizeUnits {
			if f := int64(unit.factor); unit.name == u && int64(s) >= f && int64(s)%f == 0 {
				return strconv.FormatInt(int64(s)/f, 10) + u
			}
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// UnmarshalYAML reads what [ParseSize] reads.
func (s *Size) UnmarshalYAML(n ast.Node) error {
	return unmarshal(n, "a size like 4KiB", ParseSize, s)
}

// ByteRate is a number of octets per second: 1MiB/s.
type ByteRate int64

// ParseByteRate reads a size per second.
func ParseByteRate(s string) (ByteRate, error) {
	number, perSecond := strings.CutSuffix(s, "/s")
	size, err := ParseSize(number)
	if err != nil || !perSecond {
		return 0, fmt.Errorf("%q is not a rate of octets like 100MiB/s", s)
	}
	return ByteRate(size), nil
}

func (r ByteRate) String() string { return Size(r).String() + "/s" }

// UnmarshalYAML reads what [ParseByteRate] reads.
func (r *ByteRate) UnmarshalYAML(n ast.Node) error {
	return unmarshal(n, "a rate of octets like 1MiB/s", ParseByteRate, r)
}

// Rate is a number of things per second: 50/s, 0.5/s or 30/m.
type Rate float64

// maxRate bounds every rate of a scenario.
const maxRate = 1_000_000

// ParseRate reads a rate per second (/s) or minute (/m).
func ParseRate(s string) (Rate, error) {
	number, unit, _ := strings.Cut(s, "/")
	v, err := parseNumber(strings.TrimSpace(number))
	if unit == "m" {
		v /= 60
	}
	if err != nil || unit != "s" && unit != "m" || v > maxRate {
		return 0, fmt.Errorf("%q is not a rate like 50/s or 30/m, of at most %d/s", s, maxRate)
	}
	return Rate(v), nil
}

func (r Rate) String() string { return strconv.FormatFloat(float64(r), 'g', 6, 64) + "/s" }

// UnmarshalYAML reads what [ParseRate] reads.
func (r *Rate) UnmarshalYAML(n ast.Node) error { return unmarshal(n, "a rate like 50/s", ParseRate, r) }

// Percent is a share, 1 for all: 0.1% or 0.001.
type Percent float64

// ParsePercent reads a share between nothing and all.
func ParsePercent(s string) (Percent, error) {
	number, percent := strings.CutSuffix(s, "%")
	v, err := parseNumber(strings.TrimSpace(number))
	if percent {
		v /= 100
	}
	if err != nil || v > 1 {
		return 0, fmt.Errorf("%q is not a share like 0.1%% or 0.001", s)
	}
	return Percent(v), nil
}

func (p Percent) String() string {
	return strconv.FormatFloat(float64(p)*100, 'g', 4, 64) + "%"
}

// Count is a whole number of things.
type Count int64

// maxCount bounds every count of a scenario.
const maxCount = 1_000_000_000

// ParseCount reads a whole number.
func ParseCount(s string) (Count, error) {
	v, err := strconv.ParseUint(s, 10, 63)
	if err != nil || v > maxCount {
		return 0, fmt.Errorf("%q is not a whole number of at most %d", s, maxCount)
	}
	return Count(v), nil
}

// UnmarshalYAML reads what [ParseCount] reads, from a number without quotes.
func (c *Count) UnmarshalYAML(n ast.Node) error {
	if s, ok := n.(*ast.StringNode); ok && s.GetToken().Value != s.GetToken().Origin && strings.ContainsAny(s.GetToken().Origin, `"'`) {
		return wrong(n, "a whole number is wanted here, without quotes")
	}
	return unmarshal(n, "a whole number", ParseCount, c)
}

// parseNumber reads a decimal number without sign and exponent.
func parseNumber(s string) (float64, error) {
	if s == "" || strings.Trim(s, "0123456789.") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}

// unmarshal sets v from a scalar node.
func unmarshal[T any](n ast.Node, want string, parse func(string) (T, error), v *T) error {
	s, err := scalar(n, want)
	if err != nil {
		return err
	}
	if *v, err = parse(s); err != nil {
		return wrong(n, "%v", err)
	}
	return nil
}
