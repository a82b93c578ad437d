package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/passiveftp/pasv/probe"
)

// verification says what a download is compared with. It is one of the words
//
//	none    nothing
//	size    the size; the scenario must need the file or store it before
//	crc     the size and the CRC-32C of the content that the run generates for
//	        such a file
//
// or the sum of any file, in hexadecimal digits:
//
//	{crc32c: e3069283}
//	{sha256: 64 digits}
//
// A sum needs the octets in this process. Without one, Linux counts and discards
// them uncopied (not under TLS). Copying and CRC-32C cost the client several
// times that processor time, SHA-256 several times that again: where the
// generator may become the limit, size is the better choice.
type verification struct {
	way verifyWay
	// sum and digest are what was given, the digest in lower case.
	sum    algorithm
	digest string
}

type verifyWay uint8

const (
	verifyNone verifyWay = iota
	verifySize
	verifyContent
	verifyDigest
)

var verifyWords = map[string]verifyWay{"none": verifyNone, "size": verifySize, "crc": verifyContent}

// algorithm sums up octets.
type algorithm uint8

const (
	noSum algorithm = iota
	sumCRC32C
	sumSHA256
)

func (a algorithm) String() string { return [...]string{"", "CRC-32C", "SHA-256"}[a] }

// UnmarshalYAML reads a word or a sum.
func (v *verification) UnmarshalYAML(n ast.Node) error {
	if m, ok := n.(*ast.MappingNode); ok {
		return v.unmarshalSum(m)
	}
	word, err := text(n, "none, size, crc or a sum like {crc32c: e3069283}")
	if err != nil {
		return err
	}
	way, ok := verifyWords[word]
	if !ok {
		return wrong(n, "%q is none of none, size, crc, {crc32c: ...}, {sha256: ...}", word)
	}
	v.way = way
	return nil
}

func (v *verification) unmarshalSum(m *ast.MappingNode) error {
	var sum struct {
		CRC32C crc32cDigits `yaml:"crc32c"`
		SHA256 sha256Digits `yaml:"sha256"`
	}
	if len(m.Values) != 1 {
		return wrong(m, "one sum is wanted here, for example {crc32c: e3069283}")
	}
	if err := decode(m, &sum); err != nil {
		return err
	}
	v.way = verifyDigest
	v.sum, v.digest = sumOf(sum.CRC32C, sum.SHA256)
	return nil
}

// crc32cDigits is a CRC-32C in hexadecimal digits, in lower case.
type crc32cDigits string

// UnmarshalYAML reads 8 digits.
func (d *crc32cDigits) UnmarshalYAML(n ast.Node) (err error) {
	*d, err = hexadecimal[crc32cDigits](n, "crc32c", 8)
	return err
}

// sha256Digits is a SHA-256 in hexadecimal digits, in lower case.
type sha256Digits string

// UnmarshalYAML reads 64 digits.
func (d *sha256Digits) UnmarshalYAML(n ast.Node) (err error) {
	*d, err = hexadecimal[sha256Digits](n, "sha256", 64)
	return err
}

func hexadecimal[T ~string](n ast.Node, name string, digits int) (T, error) {
	s, err := scalar(n, "a sum")
	if err != nil {
		return "", err
	}
	if _, err := hex.DecodeString(s); err != nil || len(s) != digits {
		return "", wrong(n, "%s has %d hexadecimal digits", name, digits)
	}
	return T(strings.ToLower(s)), nil
}

// sumOf is the sum of the two that was given.
func sumOf(crc crc32cDigits, sha sha256Digits) (algorithm, string) {
	switch {
	case crc != "":
		return sumCRC32C, string(crc)
	case sha != "":
		return sumSHA256, string(sha)
	}
	return noSum, ""
}

// verified is the operations of a download with its verification. A download
// that begins at an offset has the rest of the size, and no known sum.
func (c *compiler) verified(path Path, v verification) ([]op, error) {
	size, known := c.known(path)
	restart := c.offset
	c.offset = nil
	sum := v.sum
	switch {
	case v.way == verifySize && !known:
		return nil, c.wrong("verify", "the size of %s is not known: name the file under needs, or store it before", path)
	case v.way == verifyContent && !known:
		return nil, c.wrong("verify", "the content of %s is not known: name the file under needs, store it before, or give its sum as {crc32c: ...}", path)
	case v.way == verifyContent && restart != nil && *restart > 0:
		return nil, c.wrong("verify", "the content from an offset on is not known; verify the size, or give its sum as {crc32c: ...}")
	case v.way == verifyContent:
		sum = sumCRC32C
		c.generated = append(c.generated, path)
	}
	ops := c.receive("RETR "+string(path), sum)
	offset := Size(0)
	if restart != nil {
		offset = *restart
		behind := 1 + slices.IndexFunc(ops, func(o op) bool { return o.code == opOpenData })
		ops = slices.Insert(ops, behind, op{code: opCommand, text: "REST " + strconv.FormatInt(int64(offset), 10), class: 3})
	}
	if v.way == verifySize || v.way == verifyContent {
		// The size first: it says more than a sum.
		ops = append(ops, op{code: opVerify, size: max(int64(size-offset), 0)})
	}
	switch v.way {
	case verifyContent:
		ops = append(ops, op{code: opVerifySum, sum: sum, size: int64(size)})
	case verifyDigest:
		ops = append(ops, op{code: opVerifySum, sum: sum, digest: v.digest})
	}
	return ops, nil
}

// contentSums are the CRC-32C of the generated content that downloads are
// compared with, by size. They are not computed when the plan is made, since
// that takes a while for very large files.
func (p *plan) contentSums() map[int64]string {
	sums := map[int64]string{}
	for _, o := range p.ops {
		if o.code == opVerifySum && o.digest == "" && sums[o.size] == "" {
			sums[o.size] = digits(probe.ContentSum(o.size))
		}
	}
	return sums
}

// digits is a CRC-32C as it is written.
func digits(crc uint32) string { return fmt.Sprintf("%08x", crc) }

// summing is the sums of a session.
type summing struct {
	crc probe.Sum
	sha hash.Hash
}

// begin is what a download is to be written to; nil for none.
func (s *summing) begin(sum algorithm) io.Writer {
	switch sum {
	case sumCRC32C:
		s.crc = 0
		return &s.crc
	case sumSHA256:
		if s.sha == nil {
			s.sha = sha256.New()
		}
		s.sha.Reset()
		return s.sha
	}
	return nil
}

// digest is the sum since begin.
func (s *summing) digest(sum algorithm) string {
	if sum == sumCRC32C {
		return digits(uint32(s.crc))
	}
	return hex.EncodeToString(s.sha.Sum(nil))
}
