package ftptest

import (
	"crypto/rand"
	"errors"
	"io"
	"strings"
)

func (s *session) retr(name string) {
	offset := s.offset()
	if !s.ready() {
		return
	}
	full, info, ok := s.look(name, 550)
	if !ok {
		return
	}
	if info.Dir {
		s.reply(550, "%s: not a file.", printable(name))
		return
	}
	file, err := s.srv.cfg.FS.Open(full)
	if err != nil {
		s.reply(550, "%s: %s.", printable(name), reason(err))
		return
	}
	defer file.Close()
	source, err := s.source(file, offset)
	switch {
	case errors.Is(err, ErrOffset):
		s.reply(554, "%s: %s.", printable(name), reason(err))
		return
	case err != nil:
		s.reply(450, "%s: %s.", printable(name), reason(err))
		return
	}
	s.transfer("Sending the file.", func(t *transfer) error { return t.send(source) })
}

// source is the file from offset on, which counts octets as they are transferred
// (RFC 3659 §5.1).
func (s *session) source(file File, offset int64) (io.Reader, error) {
	if s.kind == ascii {
		r := newASCIIReader(file)
		if n, err := io.CopyN(io.Discard, r, offset); n < offset {
			if errors.Is(err, io.EOF) {
				err = ErrOffset
			}
			return nil, err
		}
		return r, nil
	}
	if offset == 0 {
		return file, nil
	}
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	if offset > end {
		return nil, ErrOffset
	}
	_, err = file.Seek(offset, io.SeekStart)
	return file, err
}

func (s *session) stor(name string) { s.store(name, "Receiving the file.", s.offset()) }

func (s *session) appe(name string) {
	s.offset()
	s.store(name, "Receiving what is to be appended.", Append)
}

// stou names the file in the mark (RFC 1123 §4.1.2.9). The name has 130 random bits, which
// is unique enough not to overwrite anything.
func (s *session) stou(string) {
	s.offset()
	name := "stou-" + strings.ToLower(rand.Text())
	s.store(name, "FILE: "+name, 0)
}

func (s *session) store(name, mark string, keep int64) {
	if !s.ready() {
		return
	}
	if keep > 0 && s.kind == ascii {
		s.reply(554, "An upload can be restarted in TYPE I only.")
		return
	}
	full, ok := s.change(name, 553)
	if !ok {
		return
	}
	upload, err := s.create(full, keep)
	switch {
	case errors.Is(err, ErrOffset):
		s.reply(554, "%s: %s.", printable(name), reason(err))
		return
	case err != nil:
		s.reply(553, "%s: %s.", printable(name), reason(err))
		return
	}
	defer upload.Discard()
	s.transfer(mark, func(t *transfer) error { return t.store(upload) })
}

func (s *session) create(full string, keep int64) (Upload, error) {
	d := s.srv.cfg.Discard
	if d != "" && strings.HasPrefix(full, d) || s.hooks.loseUploads {
		return nowhere{io.Discard}, nil
	}
	return s.srv.cfg.FS.Create(full, keep)
}

// nowhere is an upload that is not kept.
type nowhere struct{ io.Writer }

func (nowhere) Commit() error { return nil }
func (nowhere) Discard()      {}

// store receives a file, and commits it before the client can learn that it is complete.
func (t *transfer) store(upload Upload) error {
	var to io.Writer = upload
	end := func() error { return nil }
	if t.s.kind == ascii {
		w := &asciiWriter{to: upload}
		to, end = w, w.end
	}
	if err := t.receive(to); err != nil {
		return err
	}
	if err := end(); err != nil {
		return err
	}
	if err := t.finish(); err != nil {
		return err
	}
	if err := upload.Commit(); err != nil {
		return err
	}
	return t.conn.Close()
}
