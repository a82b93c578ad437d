package human_test

import (
	"slices"
	"testing"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/internal/human"
)

func TestNumbers(t *testing.T) {
	duration := func(s float64) string { return human.Duration(report.Seconds(s)) }
	count := func(n float64) string { return human.Count(int64(n)) }
	plural := func(n float64) string { return human.Plural(int64(n), "session") }
	for _, c := range []struct {
		name  string
		write func(float64) string
		in    float64
		want  string
	}{
		{"duration", duration, 0, "0"},
		{"duration", duration, 0.000_000_4, "0.000 ms"},
		{"duration", duration, 0.000_012, "0.012 ms"},
		{"duration", duration, 0.000_999_4, "0.999 ms"},
		{"duration", duration, 0.000_999_6, "1.00 ms"},
		{"duration", duration, 0.001_234, "1.23 ms"},
		{"duration", duration, 0.009_996, "10.0 ms"},
		{"duration", duration, 0.012_34, "12.3 ms"},
		{"duration", duration, 0.099_96, "100 ms"},
		{"duration", duration, 0.999_4, "999 ms"},
		{"duration", duration, 0.999_6, "1.00 s"},
		{"duration", duration, 59.96, "60.0 s"},
		{"duration", duration, 119.4, "119 s"},
		{"duration", duration, 119.6, "2 min 0 s"},
		{"duration", duration, 3599.4, "59 min 59 s"},
		{"duration", duration, 3599.6, "1 h 0 min"},
		{"duration", duration, 5400, "1 h 30 min"},
		{"duration", duration, 100 * 3600, "100 h 0 min"},

		{"bytes", human.Bytes, 0, "0 B"},
		{"bytes", human.Bytes, 1, "1 B"},
		{"bytes", human.Bytes, 1023, "1023 B"},
		{"bytes", human.Bytes, 1023.6, "1.00 KiB"},
		{"bytes", human.Bytes, 1024, "1.00 KiB"},
		{"bytes", human.Bytes, 1536, "1.50 KiB"},
		{"bytes", human.Bytes, 1024*1024 - 1, "1.00 MiB"},
		{"bytes", human.Bytes, 179.2 * (1 << 20), "179 MiB"},
		{"bytes", human.Bytes, 1 << 30, "1.00 GiB"},
		{"bytes", human.Bytes, 1 << 40, "1.00 TiB"},
		{"bytes", human.Bytes, 1 << 60, "1.00 EiB"},
		{"throughput", human.Throughput, 40_960_000, "39.1 MiB/s"},

		{"rate", human.Rate, 0, "0"},
		{"rate", human.Rate, 0.0417, "0.042"},
		{"rate", human.Rate, 397.1, "397"},
		{"rate", human.Rate, 999.6, "1,000"},
		{"rate", human.Rate, 12345.6, "12,346"},

		{"count", count, 0, "0"},
		{"count", count, 999, "999"},
		{"count", count, 1000, "1,000"},
		{"count", count, 1_234_567, "1,234,567"},
		{"count", count, -1000, "-1,000"},
		{"count", count, -100, "-100"},

		{"percent", human.Percent, 0.954, "95 %"},
		{"percent", human.Percent, 1, "100 %"},

		{"plural", plural, 0, "0 sessions"},
		{"plural", plural, 1, "1 session"},
		{"plural", plural, 2000, "2,000 sessions"},
	} {
		if got := c.write(c.in); got != c.want {
			t.Errorf("%s of %v is %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestInOrder(t *testing.T) {
	got := human.InOrder(map[string]int{"quit": 0, "stor": 0, "transfer": 0, "login": 0, "retr": 0, "connect": 0, "data.connect": 0})
	want := []string{"connect", "login", "data.connect", "transfer", "retr", "stor", "quit"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
