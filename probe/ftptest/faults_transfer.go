package ftptest

import (
	"errors"
	"io"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// uploadFaults concern STOR, APPE and STOU.
var uploadFaults = []Fault{
	{
		Name:    "stor-corrupt",
		About:   "Of a large upload the octet at 64 KiB is stored wrong.",
		Catches: []string{"XFER-010"},
		apply: upload(func(_ *transfer, r io.Reader) io.Reader {
			at := 0
			return readerFunc(func(p []byte) (int, error) {
				n, err := r.Read(p)
				if i := faultAfter - at; i >= 0 && i < n {
					p[i] = ^p[i]
				}
				at += n
				return n, err
			})
		}),
	},
	{
		Name:    "stor-visible-late",
		About:   "A new file is missing for other sessions until 2 s after its 226.",
		Catches: []string{"XFER-011"},
		apply: func(h *hooks) {
			type upload struct {
				name string
				when time.Time
			}
			last := remember[upload](h)
			h.around("STOR", func(s *session, arg string, run func(string)) {
				full, _ := s.resolve(arg)
				last.set(s, upload{full, time.Now()})
				run(arg)
			})
			for _, verb := range []string{"SIZE", "RETR"} {
				h.around(verb, func(s *session, arg string, run func(string)) {
					full, _ := s.resolve(arg)
					if last.any(func(other *session, u upload) bool {
						return other != s && u.name == full && time.Since(u.when) < 2*time.Second
					}) {
						s.reply(550, "%s: no such file or directory.", printable(arg))
						return
					}
					run(arg)
				})
			}
		},
	},
	{
		Name:    "stor-keeps-tail",
		About:   "A shorter upload leaves the end of the longer file that it replaces.",
		Catches: []string{"XFER-012"},
		apply: filing(func(files FS, path string, keep int64) (Upload, error) {
			u, err := files.Create(path, keep)
			old, oldErr := files.Open(path)
			if err != nil || oldErr != nil || keep != 0 {
				return u, err
			}
			return &countingUpload{Upload: u, commit: func(n int64) error {
				defer old.Close()
				if _, err := old.Seek(n, io.SeekStart); err != nil {
					return err
				}
				if _, err := io.Copy(struct{ io.Writer }{u}, old); err != nil {
					return err
				}
				return u.Commit()
			}}, nil
		}),
	},
	{
		Name:    "stor-empty-lost",
		About:   "An upload of no octets is answered 226 and makes no file.",
		Catches: []string{"XFER-013"},
		apply: filing(func(files FS, path string, keep int64) (Upload, error) {
			u, err := files.Create(path, keep)
			if err != nil {
				return nil, err
			}
			return &countingUpload{Upload: u, commit: func(n int64) error {
				if n == 0 {
					return nil
				}
				return u.Commit()
			}}, nil
		}),
	},
	{
		Name:    "stor-nowhere",
		About:   "An upload into a directory that does not exist is answered 226.",
		Catches: []string{"XFER-014"},
		apply: instead("STOR", func(s *session, arg string) bool {
			full, ok := s.resolve(arg)
			return ok && missing(s, path.Dir(full)) && s.passive != nil
		}, func(s *session, _ string) {
			s.transfer("Receiving the file.", func(t *transfer) error { return t.store(nowhere{io.Discard}) })
		}),
	},
	{
		Name:    "stor-over-limit",
		About:   "An upload of more than Config.MaxUpload is answered 226.",
		Catches: []string{"XFER-015"},
		apply:   recode("STOR", 552, "", 226),
	},
	{
		Name:    "appe-replaces",
		About:   "APPE replaces the file.",
		Catches: []string{"XFER-017"},
		apply: instead("APPE", func(s *session, arg string) bool { return s.loggedIn() && arg != "" }, func(s *session, arg string) {
			s.store(arg, "Receiving the file.", 0)
		}),
	},
	{
		Name:    "stou-mark",
		About:   "The mark of STOU names the file without FILE:.",
		Catches: []string{"XFER-018"},
		apply: edit("STOU", 150, func(_ *session, r *reply) {
			*r = answer(150, "Storing as %s", strings.TrimPrefix(r.lines[0], "FILE: "))
		}),
	},
	{
		Name:    "stou-overwrites",
		About:   "STOU takes the same name each time.",
		Catches: []string{"XFER-019"},
		apply: instead("STOU", afterLogin, func(s *session, _ string) {
			s.store("stou-file", "FILE: stou-file", 0)
		}),
	},
	{
		Name:    "stor-apostrophe",
		About:   "STOR refuses names with an apostrophe.",
		Catches: []string{"XFER-039"},
		apply: instead("STOR", func(s *session, arg string) bool { return s.loggedIn() && strings.Contains(arg, "'") },
			answers(553, "Such names are not allowed.")),
	},
	{
		Name:    "stor-reset-complete",
		About:   "An upload that ends with a reset is answered 226.",
		Catches: []string{"XFER-040"},
		apply: upload(func(t *transfer, r io.Reader) io.Reader {
			return readerFunc(func(p []byte) (int, error) {
				n, err := r.Read(p)
				if lost := new(net.OpError); errors.As(err, &lost) && !lost.Timeout() && t.ctx.Err() == nil {
					err = io.EOF
				}
				return n, err
			})
		}),
	},
}

// downloadFaults concern RETR and what all transfers have in common.
var downloadFaults = []Fault{
	{
		Name:    "retr-no-mark",
		About:   "RETR gets no preliminary reply.",
		Catches: []string{"XFER-001"},
		apply: func(h *hooks) {
			h.onReply(func(_ *session, verb string, r *reply) bool { return !(verb == "RETR" && r.code == 150) })
		},
	},
	{
		Name:    "retr-open-end",
		About:   "The data connection of RETR is closed 5 s after the 226.",
		Catches: []string{"XFER-002"},
		apply: func(h *hooks) {
			h.hangUp = func(t *transfer) bool {
				if t.s.verb != "RETR" || t.conn != t.tcp {
					return false
				}
				t.draining = true
				t.s.srv.group.Go(func() {
					defer t.s.srv.untrack(t.tcp)
					t.s.srv.sleep(5 * time.Second)
					t.tcp.Close()
				})
				return true
			}
		},
	},
	{
		Name:    "retr-no-end",
		About:   "The data connection of RETR stays open after the 226 until the client closes it.",
		Catches: []string{"XFER-002"},
		apply: func(h *hooks) {
			h.hangUp = func(t *transfer) bool {
				if t.s.verb != "RETR" || t.conn != t.tcp {
					return false
				}
				t.leaveOpen()
				return true
			}
		},
	},
	{
		Name:    "abor-hangs-up",
		About:   "ABOR of a transfer closes the control connection without a reply.",
		Catches: []string{"XFER-031"},
		apply: edit("RETR", 426, func(s *session, r *reply) {
			if !s.protected() && strings.HasPrefix(r.lines[0], "Transfer aborted") {
				s.control.tcp.Close()
			}
		}),
	},
	{
		Name:    "abor-sends-on",
		About:   "ABOR is answered at once, and the download goes on.",
		Catches: []string{"XFER-029"},
		apply: func(h *hooks) {
			done := remember[bool](h)
			h.during = append(h.during, func(t *transfer, verb string) bool {
				if verb != "ABOR" {
					return false
				}
				t.s.sendFor(verb, answer(426, "Transfer aborted."))
				t.s.sendFor(verb, answer(226, "Nothing is being transferred any longer."))
				done.set(t.s, true)
				return true
			})
			h.onReply(func(s *session, verb string, _ *reply) bool {
				answered := done.get(s) && slices.Contains(transferVerbs, verb)
				if answered {
					done.forget(s)
				}
				return !answered
			})
		},
	},
	{
		Name:    "retr-reset-end",
		About:   "The data connection of RETR ends with a reset, although everything was sent.",
		Catches: []string{"XFER-004"},
		apply: func(h *hooks) {
			h.hangUp = func(t *transfer) bool {
				if t.s.verb != "RETR" {
					return false
				}
				t.tcp.SetLinger(0)
				t.tcp.Close()
				return true
			}
		},
	},
	{
		Name:    "retr-then-noop-closes",
		About:   "NOOP right after a complete download closes the session.",
		Catches: []string{"XFER-005"},
		apply: func(h *hooks) {
			last := rememberReplies(h)
			instead("NOOP", func(s *session, _ string) bool { return last.get(s) == answered{"RETR", 226} }, hangUp)(h)
		},
	},
	{
		Name:    "retr-empty-refused",
		About:   "RETR of an empty file is answered 550.",
		Catches: []string{"XFER-006"},
		apply: instead("RETR", func(s *session, arg string) bool {
			info, ok := s.exists(arg)
			return ok && !info.Dir && info.Size == 0 && s.loggedIn()
		}, answers(550, "There is nothing in it.")),
	},
	{
		Name:    "retr-missing-complete",
		About:   "RETR of a missing file is answered 226 when its data connection is there.",
		Catches: []string{"XFER-007", "DIR-013", "DIR-015"},
		apply: instead("RETR", func(s *session, arg string) bool {
			return s.passive != nil && missing(s, arg) && s.connected(grace)
		}, answers(226, "Done.")),
	},
	{
		Name:    "retr-refusal-waits",
		About:   "RETR of a missing file waits for the data connection before it is refused.",
		Catches: []string{"XFER-008"},
		apply: wrap("RETR", func(s *session, arg string, run func(string)) {
			if s.passive != nil && missing(s, arg) {
				s.connected(s.srv.cfg.AcceptTimeout)
			}
			run(arg)
		}),
	},
	{
		Name:    "retr-refusal-spoils",
		About:   "After a refused RETR the next PASV or EPSV is answered 425.",
		Catches: []string{"XFER-009"},
		apply: func(h *hooks) {
			spoiled := remember[bool](h)
			edit("RETR", 550, func(s *session, _ *reply) { spoiled.set(s, true) })(h)
			for _, verb := range []string{"PASV", "EPSV"} {
				instead(verb, func(s *session, _ string) bool { return spoiled.get(s) }, func(s *session, _ string) {
					spoiled.forget(s)
					s.reply(425, "No port is free for a data connection.")
				})(h)
			}
		},
	},
	{
		Name:    "retr-cut-hangs",
		About:   "A download that the client cuts gets no final reply.",
		Catches: []string{"XFER-016"},
		apply: download(func(t *transfer, w io.Writer) io.Writer {
			if t.ended() {
				return w
			}
			return writerFunc(func(p []byte) (int, error) {
				n, err := w.Write(p)
				if err != nil {
					<-t.ctx.Done()
				}
				return n, err
			})
		}),
	},
	{
		Name:    "abor-idle-class",
		About:   "ABOR is answered 426 when there is nothing to abort.",
		Catches: []string{"XFER-028"},
		apply: func(h *hooks) {
			last := rememberReplies(h)
			instead("ABOR", func(s *session, _ string) bool {
				return s.loggedIn() && s.passive == nil && last.get(s).code != 426
			}, answers(426, "Nothing to abort."))(h)
		},
	},
	{
		Name:    "abor-complete",
		About:   "A download that was aborted is answered 226.",
		Catches: []string{"XFER-029"},
		apply: edit("RETR", 426, func(s *session, r *reply) {
			if !s.protected() && strings.HasPrefix(r.lines[0], "Transfer aborted") {
				r.code = 226
			}
		}),
	},
	{
		Name:    "abor-synch",
		About:   "Telnet IP and Synch are taken for a part of the ABOR that follows them.",
		Catches: []string{"XFER-030"},
		apply:   octets(func(b []byte) []byte { return literal(b, 0xf4, 0xf2) }),
	},
	{
		Name:    "abor-closes",
		About:   "ABOR of a transfer closes the control connection after its reply.",
		Catches: []string{"XFER-031"},
		apply: func(h *hooks) {
			last := rememberReplies(h)
			h.around("ABOR", func(s *session, arg string, run func(string)) {
				aborted := last.get(s).code == 426 && !s.protected()
				run(arg)
				s.closing = s.closing || aborted
			})
		},
	},
	{
		Name:    "abor-leaves-data",
		About:   "ABOR leaves the data connection open.",
		Catches: []string{"XFER-032"},
		apply: together(func(h *hooks) { h.keepAborted = true }, download(func(t *transfer, w io.Writer) io.Writer {
			if t.conn != t.tcp {
				return w
			}
			return writerFunc(func(p []byte) (total int, err error) {
				for total < len(p) && t.ctx.Err() == nil {
					t.tcp.SetWriteDeadline(time.Now().Add(grace))
					n, err := t.tcp.Write(p[total:min(len(p), total+faultAfter)])
					t.count(int64(n))
					if total += n; err != nil && !isTimeout(err) {
						return total, err
					}
				}
				return total, t.ctx.Err()
			})
		})),
	},
	{
		Name:    "retr-stat-refused",
		About:   "STAT during a transfer is answered 502.",
		Catches: []string{"XFER-033"},
		apply:   duringTransfer("STAT", 502),
	},
	{
		Name:    "retr-noop-refused",
		About:   "NOOP during a transfer is answered 503.",
		Catches: []string{"XFER-034"},
		apply:   duringTransfer("NOOP", 503),
	},
	{
		Name:    "retr-outlives-control",
		About:   "A download survives its control connection, and its data connection stays open at its end.",
		Catches: []string{"XFER-035"},
		apply: func(h *hooks) {
			var orphans sync.Map
			h.lost = append(h.lost, func(t *transfer) bool {
				orphans.Store(t, true)
				return true
			})
			h.hangUp = func(t *transfer) bool {
				if _, orphan := orphans.LoadAndDelete(t); !orphan || t.conn != t.tcp {
					return false
				}
				t.leaveOpen()
				return true
			}
		},
	},
	{
		Name:    "retr-stall-forever",
		About:   "A transfer on which nothing moves is never ended, whatever Config.StallTimeout says.",
		Catches: []string{"XFER-036"},
		apply: func(h *hooks) {
			h.configure = append(h.configure, func(c *Config) { c.StallTimeout = 365 * 24 * time.Hour })
		},
	},
	{
		Name:    "size-wraps",
		About:   "SIZE has 32 bits.",
		Catches: []string{"XFER-037"},
		apply: edit("SIZE", 213, func(_ *session, r *reply) {
			if n, err := strconv.ParseInt(r.lines[0], 10, 64); err == nil {
				*r = answer(213, "%d", uint32(n))
			}
		}),
	},
	{
		Name:    "retr-crosses",
		About:   "While 40 data connections are open downloads are damaged.",
		Catches: []string{"XFER-038"},
		apply: download(func(t *transfer, w io.Writer) io.Writer {
			if t.s.srv.counters.openDataConns.Load() < 40 {
				return w
			}
			return &corruptWriter{to: w}
		}),
	},
}

// connected waits for a data connection, and refuses it.
func (s *session) connected(patience time.Duration) bool {
	s.passive.SetDeadline(time.Now().Add(patience))
	c, err := s.passive.Accept()
	if err != nil {
		return false
	}
	c.Close()
	s.dropEndpoint()
	return true
}

// duringTransfer refuses a command at once while a transfer runs.
func duringTransfer(verb string, code int) func(*hooks) {
	return func(h *hooks) {
		h.during = append(h.during, func(t *transfer, v string) bool {
			if v == verb {
				t.s.sendFor(v, answer(code, "A transfer is running."))
			}
			return v == verb
		})
	}
}

func upload(f func(*transfer, io.Reader) io.Reader) func(*hooks) {
	return func(h *hooks) {
		before := h.upload
		h.upload = func(t *transfer, r io.Reader) io.Reader {
			if before != nil {
				r = before(t, r)
			}
			return f(t, r)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// filing changes how the file system stores files.
func filing(create func(files FS, path string, keep int64) (Upload, error)) func(*hooks) {
	return func(h *hooks) {
		h.configure = append(h.configure, func(c *Config) { c.FS = &filingFS{c.FS, create} })
	}
}

type filingFS struct {
	FS
	create func(files FS, path string, keep int64) (Upload, error)
}

func (f *filingFS) Create(path string, keep int64) (Upload, error) { return f.create(f.FS, path, keep) }

// countingUpload counts octets for its own way to commit.
type countingUpload struct {
	Upload
	n      int64
	commit func(n int64) error
}

func (u *countingUpload) Write(p []byte) (int, error) {
	n, err := u.Upload.Write(p)
	u.n += int64(n)
	return n, err
}

func (u *countingUpload) Commit() error { return u.commit(u.n) }
