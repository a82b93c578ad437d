package spec

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/passiveftp/pasv/probe"
)

// Workplace begins the name of the directory that a run makes on the server.
// What a run creates is below it, and it is removed in the end.
const Workplace = "pasv-check-"

// workplace is the directory of a run, and the fixtures in it.
type workplace struct {
	once sync.Once
	path string // from the directory that a session begins in
	err  error

	mu       sync.Mutex
	fixtures map[Needs]*placed
}

type placed struct {
	once    sync.Once
	fixture Fixture
	err     error
}

// workplace makes the directory of the run, once.
func (j *Judge) workplace(ctx context.Context) (string, error) {
	j.work.once.Do(func() {
		if j.ReadOnly {
			j.work.err = errors.New("--read-only")
			return
		}
		name := make([]byte, 6)
		_, _ = rand.Read(name)
		path := Workplace + hex.EncodeToString(name)
		j.work.err = j.with(ctx, func(s *probe.Session) error {
			r, err := s.Do(ctx, "MKD "+path)
			if err == nil && !r.Positive() {
				err = fmt.Errorf("MKD is answered %s", r)
			}
			return err
		})
		if j.work.err == nil {
			j.work.path = path
		}
	})
	return j.work.path, j.work.err
}

// Room makes a directory for this check alone, and returns its path from the
// directory that a session begins in. Without the right to write the check is
// skipped. What is in it is removed at the end of the run.
func (t *T) Room(ctx context.Context) string {
	if t.room != "" {
		return t.room
	}
	base, err := t.judge.workplace(ctx)
	if err != nil {
		t.Skip("missing: write (%v)", err)
	}
	name := make([]byte, 3)
	_, _ = rand.Read(name)
	room := base + "/" + strings.ToLower(t.requirement.ID) + "-" + hex.EncodeToString(name)
	err = t.judge.with(ctx, func(s *probe.Session) error {
		r, err := s.Do(ctx, "MKD "+room)
		if err == nil && !r.Positive() {
			err = fmt.Errorf("MKD is answered %s", r)
		}
		return err
	})
	if err != nil {
		t.Blame(err)
		t.Skip("missing: write (%v)", err)
	}
	t.room = room
	return room
}

// Fixture is something that is on the server for checks to work with.
type Fixture struct {
	// Path is from the directory that a session begins in.
	Path string
	// Content is what is in a file: nil for [BigFile] and [HugeFile], which have
	// that of [probe.Content] (the huge file only in its last [HugeTail] octets).
	Content []byte
	// Size is that of a file, in octets.
	Size int64
	// Names are those of the entries of a directory.
	Names []string
}

// Sizes of fixtures, in octets.
const (
	// FileSize is that of the fixture [File].
	FileSize = 100_000
	// BigSize is more than the buffers between server and client hold.
	BigSize = 24 << 20
	// HugeSize does not fit into 32 bits.
	HugeSize = 4<<30 + HugeTail
	// HugeTail is what is written at the end of the huge file.
	HugeTail = 1000
)

// Fixture is a fixture of the run: [File] (a binary file with every octet in it),
// [TextFile] (lines that end with LF, no CR), [Dir] (a directory with three files
// and a directory in it), [EmptyDir], [BigFile], [HugeFile]. The requirement has
// to need it. Fixtures are shared and must not be changed.
func (t *T) Fixture(ctx context.Context, kind Needs) Fixture {
	f, err := t.judge.fixture(ctx, kind)
	if err != nil {
		t.Blame(err)
		t.Skip("missing: %s (%v)", strings.Join(kind.Names(), ", "), err)
	}
	return f
}

// fixture makes a fixture, once.
func (j *Judge) fixture(ctx context.Context, kind Needs) (Fixture, error) {
	base, err := j.workplace(ctx)
	if err != nil {
		return Fixture{}, err
	}
	j.work.mu.Lock()
	if j.work.fixtures == nil {
		j.work.fixtures = map[Needs]*placed{}
	}
	p := j.work.fixtures[kind]
	if p == nil {
		p = &placed{}
		j.work.fixtures[kind] = p
	}
	j.work.mu.Unlock()
	p.once.Do(func() { p.fixture, p.err = j.place(ctx, base+"/", kind) })
	return p.fixture, p.err
}

// entries of the fixture [Dir].
var entries = []string{"a.txt", "b.bin", "c with spaces.txt", "sub"}

func (j *Judge) place(ctx context.Context, base string, kind Needs) (Fixture, error) {
	switch kind {
	case File:
		return j.placeFile(ctx, base+"file.bin", Binary(FileSize))
	case TextFile:
		return j.placeFile(ctx, base+"text.txt", Text())
	case EmptyDir:
		f := Fixture{Path: base + "empty"}
		return f, j.mkdir(ctx, f.Path)
	case Dir:
		f := Fixture{Path: base + "dir", Names: entries}
		err := j.mkdir(ctx, f.Path)
		for i, name := range entries {
			switch {
			case err != nil:
			case name == "sub":
				err = j.mkdir(ctx, f.Path+"/"+name)
			default:
				_, err = j.placeFile(ctx, f.Path+"/"+name, Binary(100*(i+1)))
			}
		}
		return f, err
	case BigFile:
		f := Fixture{Path: base + "big.bin", Size: BigSize}
		return f, j.upload(ctx, f.Path, 0, func() io.Reader { return probe.Content(BigSize) })
	case HugeFile:
		f := Fixture{Path: base + "huge.bin", Size: HugeSize}
		tail := func() error {
			return j.upload(ctx, f.Path, HugeSize-HugeTail, func() io.Reader { return probe.Content(HugeTail) })
		}
		err := tail()
		if probe.CauseOf(err) == probe.Refusal {
			// Some servers continue only what is there already.
			if _, empty := j.placeFile(ctx, f.Path, nil); empty == nil {
				err = tail()
			}
		}
		return f, err
	}
	return Fixture{}, errors.New("no such fixture")
}

func (j *Judge) placeFile(ctx context.Context, path string, content []byte) (Fixture, error) {
	err := j.upload(ctx, path, 0, func() io.Reader { return bytes.NewReader(content) })
	return Fixture{Path: path, Content: content, Size: int64(len(content))}, err
}

func (j *Judge) mkdir(ctx context.Context, path string) error {
	return j.with(ctx, func(s *probe.Session) error {
		r, err := s.Do(ctx, "MKD "+path)
		if err == nil && !r.Positive() {
			err = fmt.Errorf("MKD is answered %s", r)
		}
		return err
	})
}

// upload stores a file, by whatever of PASV and EPSV works: both have
// requirements of their own.
func (j *Judge) upload(ctx context.Context, path string, offset int64, content func() io.Reader) error {
	var first error
	for _, passive := range []probe.PassiveCommand{j.Dialer.Passive, probe.OnlyPASV, probe.OnlyEPSV} {
		d := *j.Dialer
		d.Passive = passive
		err := j.use(ctx, &d, func(s *probe.Session) error {
			_, err := s.StoreAt(ctx, offset, "STOR "+path, content())
			return err
		})
		if err == nil || ctx.Err() != nil {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// use is [Judge.with] by another dialer.
func (j *Judge) use(ctx context.Context, d *probe.Dialer, f func(*probe.Session) error) error {
	s, err := j.patiently(ctx, func(ctx context.Context) (*probe.Session, error) { return j.persist(ctx, d.Open) })
	if err != nil {
		return err
	}
	defer goodbye(ctx, s)
	return f(s)
}

// Binary is n octets in which every value occurs, line ends and Telnet's IAC too,
// without a period that a wrong block size could hide behind.
func Binary(n int) []byte {
	b := make([]byte, n)
	x := uint32(2463534242)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x >> 8)
	}
	copy(b, "\r\n\n\r\x00\xff\xff\xf4\x1a\r\r\n")
	return b
}

// Text is a text of 400 lines that end with LF, long and short ones and empty
// ones, the last one without an end.
func Text() []byte {
	var b bytes.Buffer
	for i := range 400 {
		fmt.Fprintf(&b, "line %d%s\n", i, strings.Repeat(" and on", i%7*i%23))
		if i%11 == 0 {
			b.WriteByte('\n')
		}
	}
	b.WriteString("the end")
	return b.Bytes()
}
