package probe

import (
	"hash/crc32"
	"io"
	"math/rand/v2"
	"sync"
)

// contentBlock is one block of octets that do not compress. It is written from
// by all uploads and never changed.
var contentBlock = sync.OnceValue(func() []byte {
	b := make([]byte, block)
	// The seed is fixed: the same size is the same content, in every run.
	_, _ = rand.NewChaCha8([32]byte([]byte("the content of uploads, the same"))).Read(b)
	return b
})

// Content is the generated content of a file of the given size: octets that do
// not compress, the same ones every time. It is what [DataConn.Feed] sends.
func Content(size int64) io.Reader { return &content{left: size} }

type content struct {
	left int64
	at   int
}

func (c *content) Read(p []byte) (n int, err error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	for n < len(p) && c.left > 0 {
		m := copy(p[n:min(int64(len(p)), int64(n)+c.left)], contentBlock()[c.at:])
		n, c.left, c.at = n+m, c.left-int64(m), (c.at+m)%block
	}
	return n, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ContentSum is the CRC-32C of [Content] of the given size.
func ContentSum(size int64) uint32 {
	var sum uint32
	for size > 0 {
		p := contentBlock()[:min(size, block)]
		sum = crc32.Update(sum, castagnoli, p)
		size -= int64(len(p))
	}
	return sum
}

// Sum is an io.Writer that computes the CRC-32C of what it is given, to be
// compared with [ContentSum]. The zero value is ready to use.
type Sum uint32

// Write adds p to the sum. It never fails.
func (s *Sum) Write(p []byte) (int, error) {
	*s = Sum(crc32.Update(uint32(*s), castagnoli, p))
	return len(p), nil
}
