package report

import (
	"encoding/json"
	"fmt"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// The span and precision of every histogram: 1 µs resolution at the low end up
// to an hour, three significant digits. All histograms share them, so that any
// two can be merged.
const (
	lowest   = int64(time.Microsecond)
	highest  = int64(time.Hour)
	precise  = 3
	encoding = hdr.V2CompressedEncodingCookieBase
)

// Histogram counts durations. The zero value is empty and ready to use. It is
// not safe for concurrent use: every driver records into its own, and they are
// merged afterwards.
type Histogram struct{ h *hdr.Histogram }

func (h *Histogram) init() *hdr.Histogram {
	if h.h == nil {
		h.h = hdr.New(lowest, highest, precise)
	}
	return h.h
}

// Record counts one duration. What is longer than an hour counts as an hour.
func (h *Histogram) Record(d time.Duration) {
	// Within [0, highest] RecordValue has no error to report.
	_ = h.init().RecordValue(min(max(int64(d), 0), highest))
}

// Merge adds what other counted. It is exact: the result is the histogram that
// would have come from recording everything into one.
func (h *Histogram) Merge(other *Histogram) {
	if other.h != nil {
		h.init().Merge(other.h)
	}
}

// Count is the number of durations recorded.
func (h *Histogram) Count() int64 {
	if h.h == nil {
		return 0
	}
	return h.h.TotalCount()
}

// Quantile is the duration below which the share q of the recorded lie, 0 < q < 1.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.h == nil {
		return 0
	}
	return time.Duration(h.h.ValueAtQuantile(q * 100))
}

// Distribution is a histogram as it stands in the report. All durations are in
// seconds.
type Distribution struct {
	Count int64   `json:"count"`
	Min   Seconds `json:"min"`
	Mean  Seconds `json:"mean"`
	P50   Seconds `json:"p50"`
	P90   Seconds `json:"p90"`
	P99   Seconds `json:"p99"`
	P999  Seconds `json:"p999"`
	Max   Seconds `json:"max"`
	// HDR is the whole histogram of nanoseconds in HdrHistogram's compressed
	// V2 encoding, base64. It is empty until the distribution is written:
	// encoding costs more than measuring a short run does.
	HDR string `json:"hdr,omitempty"`

	whole *hdr.Histogram // what HDR will be made of
}

// MarshalJSON writes the distribution with its HDR.
func (d Distribution) MarshalJSON() ([]byte, error) {
	type plain Distribution
	if d.whole != nil && d.HDR == "" {
		b, err := d.whole.Encode(encoding)
		if err != nil {
			return nil, fmt.Errorf("histogram: %w", err)
		}
		d.HDR = string(b)
	}
	return json.Marshal(plain(d))
}

// Reset forgets what was recorded.
func (h *Histogram) Reset() {
	if h.h != nil {
		h.h.Reset()
	}
}

// Distribution sums the histogram up, which counts nothing more from now on:
// its HDR is made of the histogram when the distribution is written.
func (h *Histogram) Distribution() Distribution {
	d := h.Summary()
	if d.Count > 0 {
		d.whole = h.h
	}
	return d
}

// Summary is the distribution without HDR, for what is not merged afterwards.
func (h *Histogram) Summary() Distribution {
	if h.h == nil || h.h.TotalCount() == 0 {
		return Distribution{}
	}
	at := func(v int64) Seconds { return InSeconds(time.Duration(v)) }
	return Distribution{
		Count: h.h.TotalCount(),
		Min:   at(h.h.Min()),
		Mean:  Seconds(h.h.Mean() / float64(time.Second)),
		P50:   at(h.h.ValueAtQuantile(50)),
		P90:   at(h.h.ValueAtQuantile(90)),
		P99:   at(h.h.ValueAtQuantile(99)),
		P999:  at(h.h.ValueAtQuantile(99.9)),
		Max:   at(h.h.Max()),
	}
}

// Histogram is the inverse of [Histogram.Distribution]. It fails when HDR is
// missing or damaged, and when it has another span or precision than ours, since
// it could not be merged without loss.
func (d Distribution) Histogram() (*Histogram, error) {
	if d.Count == 0 {
		return &Histogram{}, nil
	}
	if d.HDR == "" && d.whole != nil {
		var h Histogram
		h.init().Merge(d.whole)
		return &h, nil
	}
	h, err := hdr.Decode([]byte(d.HDR))
	if err != nil {
		return nil, fmt.Errorf("histogram: %w", err)
	}
	if h.LowestTrackableValue() != lowest || h.HighestTrackableValue() != highest || h.SignificantFigures() != precise {
		return nil, fmt.Errorf("histogram: spans %d to %d ns with %d digits, want %d to %d ns with %d",
			h.LowestTrackableValue(), h.HighestTrackableValue(), h.SignificantFigures(), lowest, highest, precise)
	}
	if h.TotalCount() != d.Count {
		return nil, fmt.Errorf("histogram: holds %d values, but count is %d", h.TotalCount(), d.Count)
	}
	return &Histogram{h}, nil
}
