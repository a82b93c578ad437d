package ftptest

import "sort"

// blob is the content of a file in memory. Its octets never change; a new content is a new
// blob, which may share chunks with the old one.
type blob struct {
	chunks [][]byte
	ends   []int64 // ends[i] is the offset after chunks[i]
	size   int64
}

// add returns b with one chunk more. b must not be used any longer.
func (b blob) add(chunk []byte) blob {
	if len(chunk) == 0 {
		return b
	}
	b.size += int64(len(chunk))
	b.chunks = append(b.chunks, chunk)
	return b
}

// index fills in ends.
func (b blob) index() blob {
	b.ends = make([]int64, len(b.chunks))
	var end int64
	for i, c := range b.chunks {
		end += int64(len(c))
		b.ends[i] = end
	}
	return b
}

// prefix returns the first n octets of b as a blob of its own.
func (b blob) prefix(n int64) blob {
	var p blob
	for _, c := range b.chunks {
		left := n - p.size
		if left <= 0 {
			break
		}
		some := min(int64(len(c)), left)
		p = p.add(c[:some:some])
	}
	return p
}

// join returns b followed by c. b must not be used any longer.
func (b blob) join(c blob) blob {
	b.chunks = append(b.chunks, c.chunks...)
	b.size += c.size
	return b.index()
}

// from returns the octets from offset to the end of the chunk that it is in.
func (b blob) from(offset int64) []byte {
	i := sort.Search(len(b.ends), func(i int) bool { return b.ends[i] > offset })
	if i == len(b.ends) {
		return nil
	}
	start := b.ends[i] - int64(len(b.chunks[i]))
	return b.chunks[i][offset-start:]
}
