package human

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/passiveftp/pasv/report"
)

// Duration writes a duration with three figures: milliseconds below a second,
// seconds below two minutes, then minutes and hours.
func Duration(s report.Seconds) string {
	v := float64(s)
	switch {
	case v == 0:
		return "0"
	case v < 0.9995:
		return figures(v*1e3) + " ms"
	case v < 119.5:
		return figures(v) + " s"
	}
	d := s.Duration().Round(time.Second)
	if d < time.Hour {
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// Bytes writes a number of bytes with three figures in B, KiB, MiB, ...
func Bytes(n float64) string {
	if math.Round(n) < 1024 {
		return strconv.FormatFloat(math.Round(n), 'f', 0, 64) + " B"
	}
	unit := 0
	const units = "KMGTPE"
	for n /= 1024; n >= 1023.5 && unit < len(units)-1; n /= 1024 {
		unit++
	}
	return figures(n) + " " + units[unit:unit+1] + "iB"
}

// Throughput writes a number of bytes per second.
func Throughput(perSecond float64) string { return Bytes(perSecond) + "/s" }

// Rate writes a number of events per second, without a unit.
func Rate(perSecond float64) string {
	if perSecond >= 999.5 {
		return Count(int64(math.Round(perSecond)))
	}
	if perSecond == 0 {
		return "0"
	}
	return figures(perSecond)
}

// Count writes a number in groups of three digits: 1,234,567.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Percent writes a share between 0 and 1.
func Percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 0, 64) + " %" }

// Plural writes a count with its noun.
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

// figures writes v with three figures, at most three of them behind the point.
func figures(v float64) string {
	decimals := 3
	for _, edge := range []float64{0.9995, 9.995, 99.95} {
		if v >= edge {
			decimals--
		}
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}
