package json_test

import (
	"bytes"
	"errors"
	"math"
	"testing"
	"unicode"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/internal/sample"
	"github.com/passiveftp/pasv/report/render/json"
)

func TestWrite(t *testing.T) {
	var b bytes.Buffer
	if err := json.Write(&b, sample.Broken()); err != nil {
		t.Fatal(err)
	}
	back, err := report.Unmarshal(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	broken := sample.Broken()
	if got, want := back.Conclusion(), broken.Conclusion(); got != want {
		t.Errorf("read %q, want %q", got, want)
	}
}

func TestHostile(t *testing.T) {
	for _, r := range []report.Run{sample.Hostile(), sample.Garbage()} {
		var b bytes.Buffer
		if err := json.Write(&b, r); err != nil {
			t.Fatal(err)
		}
		for _, c := range b.String() {
			if c != '\n' && !unicode.IsPrint(c) {
				t.Fatalf("%U in the output", c)
			}
		}
		if _, err := report.Unmarshal(b.Bytes()); err != nil {
			t.Error(err)
		}
	}
}

func TestErrors(t *testing.T) {
	var b bytes.Buffer
	if err := json.Write(&b, report.Run{Elapsed: report.Seconds(math.Inf(1))}); err == nil || b.Len() > 0 {
		t.Errorf("wrote %q, error %v; want nothing and an error", b.String(), err)
	}
	if err := json.Write(full{}, sample.Healthy()); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
