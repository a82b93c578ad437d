package scenarios

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// tree is what the run makes on the server, and what it must leave alone.
type tree struct {
	dialer *probe.Dialer
	target probe.Target
	// directory is the name of the run's own directory, for uploads.
	directory string
	// files and directories were made by the run, directories in the order of
	// their making.
	files       []string
	directories []string
	// ownDirectory is set when the run's own directory was made.
	ownDirectory bool
	// peer is where the control connection went.
	peer netip.AddrPort
	// follows is set when a tree with the same directory was made before, at a
	// target that may have the same storage.
	follows bool
	// before holds the names that were in the directories of uploads, in lower
	// case, since the server may not tell the cases apart.
	before map[Path]map[string]bool
}

// NeedError says that a file which the scenario needs is not there as it should
// be, and could not be made, or that the target has no TLS.
type NeedError struct {
	// Path is that of the file, or "TLS".
	Path string
	Err  error
}

func (e *NeedError) Error() string {
	return fmt.Sprintf("the scenario needs %s: %v", probe.Printable(e.Path), e.Err)
}

func (e *NeedError) Unwrap() error { return e.Err }

// LeftoverError says what the run made and could not remove.
type LeftoverError struct {
	Paths []string
	Err   error
}

func (e *LeftoverError) Error() string {
	shown := e.Paths
	if len(shown) > 5 {
		shown = append(slices.Clone(shown[:5]), fmt.Sprintf("%d more", len(e.Paths)-5))
	}
	return fmt.Sprintf("left on the server: %s: %v", probe.Printable(strings.Join(shown, ", ")), e.Err)
}

func (e *LeftoverError) Unwrap() error { return e.Err }

func newTree(d *probe.Dialer, t probe.Target) *tree {
	var unique [4]byte
	_, _ = rand.Read(unique[:]) // never fails
	return &tree{dialer: d, target: t, directory: "pasv-load-" + hex.EncodeToString(unique[:]), before: map[Path]map[string]bool{}}
}

// prepare opens a session and makes what the scenario needs. When the server
// cannot be reached or logged in to, the error is a *[probe.Error].
func (t *tree) prepare(ctx context.Context, needs []Need, p *plan) error {
	if p.tls && t.target.Security == probe.Plain {
		return &NeedError{"TLS", errors.New("give the target as ftpes:// or ftps://")}
	}
	s, err := t.dialer.Open(ctx, t.target)
	if err != nil {
		return err
	}
	defer s.Close()
	t.peer = s.Peer()
	for _, n := range needs {
		if n.TLS {
			continue
		}
		for f := range n.File.each() {
			if err := t.need(ctx, s, f, slices.Contains(p.generated, n.File.Path)); err != nil {
				return &NeedError{string(f.Path), err}
			}
		}
	}
	if p.ownDirectory {
		err := t.mkdir(ctx, s, t.directory)
		if err != nil && !(t.follows && shared(ctx, s, t.directory)) {
			return &NeedError{t.directory, err}
		}
		t.ownDirectory = err == nil
	}
	for _, path := range p.uploads {
		dir := path.dir()
		if t.before[dir] != nil {
			continue
		}
		lines, err := names(ctx, s, "NLST", dir)
		if err != nil {
			return &NeedError{string(dir), err}
		}
		t.before[dir] = map[string]bool{}
		for _, name := range lines {
			t.before[dir][strings.ToLower(Path(name).base())] = true
		}
	}
	goodbye(ctx, s)
	return nil
}

// occupied tells whether a file was there before the run. It may be called by
// all sessions at once.
func (t *tree) occupied(path string) bool {
	p := Path(path)
	return t.before[p.dir()][strings.ToLower(p.base())]
}

// need sees to it that a file is there with its size, and with generated content
// where downloads are compared with that.
func (t *tree) need(ctx context.Context, s *probe.Session, f File, generated bool) error {
	size, there, err := stat(ctx, s, f.Path)
	switch {
	case err != nil:
		return err
	case there && size == int64(f.Size) && generated:
		return original(ctx, s, f)
	case there && size == int64(f.Size):
		return nil
	case there && size < 0:
		return errors.New("it is there, but the server does not tell its size, and it is not overwritten")
	case there:
		return fmt.Errorf("it is there with %d octets instead of %d, and is not overwritten", size, f.Size)
	}
	// Booked before it is made: an upload that breaks off leaves a part.
	err = t.upload(ctx, s, f)
	if probe.CauseOf(err) != probe.Refusal {
		return err
	}
	made, perr := t.parents(ctx, s, f.Path)
	if perr != nil {
		return perr
	}
	if !made {
		return fmt.Errorf("it is not there and cannot be made: %w", err)
	}
	return t.upload(ctx, s, f)
}

// original refuses a file that has another content than the run would make. It
// may be one that an earlier run made and left.
func original(ctx context.Context, s *probe.Session, f File) error {
	var seen probe.Sum
	if _, err := s.Retrieve(ctx, "RETR "+string(f.Path), &seen); err != nil {
		return err
	}
	if want := probe.ContentSum(int64(f.Size)); uint32(seen) != want {
		return fmt.Errorf("it is there with the CRC-32C %s instead of the %s of generated content, and is not overwritten; "+
			"verify: crc needs that content, verify: {crc32c: %[1]s} the one it has", digits(uint32(seen)), digits(want))
	}
	return nil
}

func (t *tree) upload(ctx context.Context, s *probe.Session, f File) error {
	if !slices.Contains(t.files, string(f.Path)) {
		t.files = append(t.files, string(f.Path))
	}
	_, err := s.Store(ctx, "STOR "+string(f.Path), probe.Content(int64(f.Size)))
	return err
}

// parents makes the directories above a file that are not there, and tells
// whether it made any.
func (t *tree) parents(ctx context.Context, s *probe.Session, path Path) (made bool, err error) {
	for i, c := range path {
		if c != '/' || i == 0 {
			continue
		}
		dir := string(path[:i])
		// A directory that exists is refused, and so is one that may not be
		// made; the upload that follows tells one from the other.
		switch err := t.mkdir(ctx, s, dir); {
		case err == nil:
			made = true
		case probe.CauseOf(err) != probe.Refusal:
			return made, err
		}
	}
	return made, nil
}

func (t *tree) mkdir(ctx context.Context, s *probe.Session, dir string) error {
	// An interrupt must not hide whether the directory was made.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mkdirTime)
	defer cancel()
	r, err := s.Do(ctx, "MKD "+dir)
	if err == nil && !r.Positive() {
		err = s.Refusal(probe.Command, r)
	}
	if err == nil {
		t.directories = append(t.directories, dir)
	}
	return err
}

// stat tells whether a file is there, and its size, -1 when the server does not
// tell. SIZE (RFC 3659 §4) is tried first; a listing has the last word on
// whether a file is missing, because a refused SIZE can mean other things.
func stat(ctx context.Context, s *probe.Session, path Path) (size int64, there bool, err error) {
	r, err := s.Do(ctx, "SIZE "+string(path))
	if err != nil {
		return 0, false, err
	}
	if r.Code == 213 {
		n, err := strconv.ParseInt(strings.TrimSpace(r.Text()), 10, 64)
		if err != nil {
			n = -1
		}
		return n, true, nil
	}
	lines, err := names(ctx, s, "LIST", path.dir())
	if err != nil {
		return 0, false, err
	}
	for _, line := range lines {
		if !strings.HasSuffix(line, " "+path.base()) {
			continue
		}
		// The form of ls: mode, links, owner, group, size, and more.
		if f := strings.Fields(line); len(f) > 8 {
			if n, err := strconv.ParseInt(f[4], 10, 64); err == nil {
				return n, true, nil
			}
		}
		return -1, true, nil
	}
	return 0, false, nil
}

// names are the lines of a listing. A directory that the server refuses to list
// is one without files: some refuse an empty one, and in one that is not there
// nothing can be overwritten.
func names(ctx context.Context, s *probe.Session, verb string, dir Path) ([]string, error) {
	command := verb
	if dir != "." {
		command += " " + string(dir)
	}
	listing, err := s.Listing(ctx, command)
	if err != nil && probe.CauseOf(err) != probe.Refusal {
		return nil, err
	}
	var lines []string
	for line := range bytes.Lines(listing) {
		lines = append(lines, string(bytes.TrimRight(line, "\r\n")))
	}
	return lines, nil
}

// goodbye ends a session in order, if that goes quickly.
func goodbye(ctx context.Context, s *probe.Session) {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	_, _ = s.Quit(ctx)
}

// Patience with the server in the making and cleaning up.
const (
	mkdirTime    = 5 * time.Second
	cleanupTime  = 30 * time.Second
	cleanupTries = 5
	cleanupPause = 200 * time.Millisecond
)

// remove takes away what the run made. It has a deadline of its own, because it
// has to work after an interrupt too.
func (t *tree) remove(uploads []string) error {
	left := map[string]bool{}
	for _, f := range slices.Concat(t.files, uploads, t.directories) {
		left[f] = true
	}
	if len(left) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTime)
	defer cancel()
	var err error
	// The server may still be busy with sessions that were cut off: then it
	// lets nobody in, or a file appears after it was deleted.
	for range cleanupTries {
		if err = t.sweep(ctx, slices.Concat(t.files, uploads), left); err == nil && len(left) == 0 {
			return nil
		}
		if !pause(ctx, cleanupPause) {
			break
		}
	}
	return &LeftoverError{slices.Sorted(maps.Keys(left)), err}
}

// sweep tries to remove everything once, and takes what is gone out of left.
func (t *tree) sweep(ctx context.Context, files []string, left map[string]bool) error {
	s, err := t.dialer.Open(ctx, t.target)
	if err != nil {
		return err
	}
	defer s.Close()
	if t.ownDirectory && left[t.directory] {
		// Everything in the run's own directory is the run's.
		lines, err := names(ctx, s, "NLST", Path(t.directory))
		if err != nil {
			return err
		}
		for _, name := range lines {
			if base := Path(name).base(); base != "." && base != ".." {
				files = append(files, t.directory+"/"+base)
			}
		}
	}
	var last error
	drop := func(command, path string) error {
		r, err := s.Do(ctx, command+" "+path)
		if err != nil {
			return err
		}
		if r.Positive() {
			delete(left, path)
			return nil
		}
		last = s.Refusal(probe.Command, r)
		return nil
	}
	for _, f := range files {
		if err := drop("DELE", f); err != nil {
			return err
		}
		if !left[f] {
			continue
		}
		// It may never have come into being.
		if _, there, err := stat(ctx, s, Path(f)); err != nil {
			return err
		} else if !there {
			delete(left, f)
		}
	}
	for _, dir := range slices.Backward(t.directories) {
		if !left[dir] {
			continue
		}
		if err := drop("RMD", dir); err != nil {
			return err
		}
	}
	goodbye(ctx, s)
	if len(left) == 0 {
		return nil
	}
	return last
}
