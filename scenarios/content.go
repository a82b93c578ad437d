package scenarios

import (
	"io"
	"math/rand/v2"
	"sync"
)

// content is what is uploaded: octets that do not compress, from one block that
// all sessions share.
type content struct {
	left int64
	at   int
}

var contentBlock = sync.OnceValue(func() []byte {
	b := make([]byte, 256<<10)
	// The seed is fixed: the same scenario uploads the same octets.
	_, _ = rand.NewChaCha8([32]byte([]byte("the content of uploads, the same"))).Read(b)
	return b
})

// Read fills p as far as the content goes.
func (c *content) Read(p []byte) (n int, err error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	block := contentBlock()
	for n < len(p) && c.left > 0 {
		m := copy(p[n:min(int64(len(p)), int64(n)+c.left)], block[c.at:])
		n, c.left, c.at = n+m, c.left-int64(m), (c.at+m)%len(block)
	}
	return n, nil
}
