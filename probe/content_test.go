package probe_test

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/passiveftp/pasv/probe"
)

func TestContent(t *testing.T) {
	for _, size := range []int64{0, 1, 4096, 256<<10 - 1, 256 << 10, 256<<10 + 1, 1 << 20} {
		whole, err := io.ReadAll(probe.Content(size))
		if err != nil || int64(len(whole)) != size {
			t.Fatalf("%d octets: %d came, %v", size, len(whole), err)
		}
		small, err := io.ReadAll(iotest.OneByteReader(probe.Content(min(size, 5000))))
		if err != nil || !bytes.Equal(small, whole[:len(small)]) {
			t.Errorf("%d octets: read one by one they differ, %v", size, err)
		}
		var sum probe.Sum
		if _, err := io.Copy(&sum, bytes.NewReader(whole)); err != nil || uint32(sum) != probe.ContentSum(size) {
			t.Errorf("%d octets: sum %08x, want %08x, %v", size, uint32(sum), probe.ContentSum(size), err)
		}
	}
	if probe.ContentSum(1<<20) == probe.ContentSum(1<<20-1) {
		t.Error("a missing octet does not change the sum")
	}
}
