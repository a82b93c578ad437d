package metadata

import (
	"bytes"
	"context"
	"fmt"
	"regexp"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// sizeReply is the only form of a positive answer to SIZE.
var sizeReply = regexp.MustCompile(`^213 [0-9]+$`)

// Clients compare it with what they got, and resume uploads by it.
var imageSize = spec.Requirement{
	ID:       "META-005",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "SIZE in TYPE I is answered with 213 and the exact number of octets of a download, on one line",
	Cites: []spec.Citation{
		spec.RFC(3659, "4", "This is the exact number of octets (8 bit bytes) that would be transmitted over the data connection should that file be transmitted."),
		spec.RFC(3659, "4", "Estimates of the file transfer size MUST NOT be returned; only precise information is acceptable."),
		spec.RFC(3659, "4.1", "Note that when the 213 response is issued, that is, when there is no error, the format MUST be exactly as specified. Multi-line responses are not permitted."),
	},
	Needs:    spec.Login | spec.File,
	Features: []string{"SIZE"},
	Field:    "Downloads are reported as incomplete, or incomplete ones as complete; resumed uploads go to the wrong place.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		r := t.Do(ctx, s, "SIZE "+f.Path)
		if r.Negative() {
			t.Skip("the size is refused, as RFC 3659 §4.2 allows: %s", r)
		}
		sent := fetched(ctx, t, s, f)
		if !bytes.Equal(sent, f.Content) && bytes.Equal(withoutCR(sent), withoutCR(f.Content)) {
			t.Skip("the file was sent with other line ends, as if TYPE I were no longer in force")
		}
		compare(t, r, sent)

		// The number is that of the file as it is now: an empty one, a longer one, a
		// shorter one.
		room := t.Room(ctx)
		if r := t.Do(ctx, s, "CWD "+room); !r.Positive() {
			return
		}
		t.Do(ctx, s, "TYPE I")
		for _, content := range [][]byte{nil, spec.Binary(1000), spec.Binary(10)} {
			const name = "size.bin"
			if up := t.Give(ctx, s, "STOR "+name, content); up.Err != nil || !up.Final.Positive() {
				return // which has requirements of its own
			}
			down := t.Take(ctx, s, "RETR "+name)
			if down.Err != nil || down.DataErr != nil || !down.Final.Positive() || !bytes.Equal(down.Data, content) {
				return
			}
			r := t.Do(ctx, s, "SIZE "+name)
			if r.Negative() && len(content) == 0 {
				continue // there may be none of nothing
			}
			if r.Negative() {
				t.Fail(fmt.Sprintf("213 %d for %s in the current directory, as SIZE of another file is answered", len(content), name), r.String())
			}
			compare(t, r, down.Data)
		}
	},
}

// In TYPE A the number is not that of the octets stored, unless the server sends
// text as it is. Finding out means reading the file, so it may say no.
var textSize = spec.Requirement{
	ID:       "META-006",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "SIZE in TYPE A is the exact number of octets of a download in TYPE A, or an error",
	Cites: []spec.Citation{
		spec.RFC(3659, "4", "The SIZE command returns how many octets would be transferred if the file were to be transferred using the current transfer structure, mode, and type."),
		spec.RFC(3659, "5.2", "With type ASCII, the SIZE would be the number of octets in the file including any modifications required to satisfy the TYPE ASCII CR-LF end-of-line convention."),
		spec.RFC(3659, "4.2", "perhaps because the pathname identifies no existing entity or because the entity named cannot be transferred in the current MODE and TYPE (or at all), then a 550 reply should be sent"),
	},
	Needs:    spec.Login | spec.TextFile,
	Features: []string{"SIZE"},
	Field:    "Clients that compare the sizes after a download in TYPE A report an error for every text file, and those that resume begin at the wrong place.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.TextFile)
		s := t.Login(ctx)
		if r := t.Do(ctx, s, "TYPE A"); !r.Positive() {
			t.Skip("TYPE A is answered %s", r)
		}
		r := t.Do(ctx, s, "SIZE "+f.Path)
		if r.Negative() {
			if r.Code != 550 {
				t.Tolerate("reply code 550, or the exact size", r.String())
			}
			return
		}
		stream := fetched(ctx, t, s, f)
		// However line ends are sent, the rest has to be the file.
		if !bytes.Equal(withoutCR(stream), f.Content) {
			t.Skip("the text does not come as it is, whatever its line ends")
		}
		compare(t, r, stream)
	},
}

// compare expects r to be the size of what was sent.
func compare(t *spec.T, r probe.Reply, sent []byte) {
	expected := fmt.Sprintf("213 %d on a single line, as many octets as RETR sends", len(sent))
	if r.Multiline() || !sizeReply.MatchString(r.Lines()[0]) {
		t.Fail(expected, r.String())
	}
	if said, err := probe.ParseSIZE(r); err != nil || said != int64(len(sent)) {
		t.Fail(expected, r.String())
	}
}

// fetched is what a download of f brings.
func fetched(ctx context.Context, t *spec.T, s *probe.Session, f spec.Fixture) []byte {
	m := t.Take(ctx, s, "RETR "+f.Path)
	need(t, m)
	return m.Data
}

func withoutCR(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r"), nil) }
