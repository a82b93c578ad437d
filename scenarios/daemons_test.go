package scenarios

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest/daemon"
	"github.com/passiveftp/pasv/report"
)

// Real servers differ in how they tell that a file or a directory is missing,
// and in when a file that was uploaded can be deleted.
var _ = Describe("Engine against real servers", func() {
	for _, kind := range daemon.All() {
		Describe(kind.String(), func() {
			var (
				d      *daemon.Daemon
				engine *Engine
			)
			contents := func() (out []string) {
				Expect(filepath.WalkDir(d.Root, func(name string, e fs.DirEntry, err error) error {
					if err == nil && !e.IsDir() {
						b, rerr := os.ReadFile(name)
						out, err = append(out, name+": "+string(b)), rerr
					} else {
						out = append(out, name)
					}
					return err
				})).To(Succeed())
				return out
			}
			BeforeEach(func() {
				d = daemon.Start(GinkgoTB(), kind, daemon.Options{})
				target, err := probe.ParseTarget(d.URL())
				Expect(err).NotTo(HaveOccurred())
				engine = &Engine{Target: target}
				Expect(d.WriteFile("up-2.bin", []byte("precious"))).To(Succeed())
			})

			It("makes what is needed, loads, and leaves everything as it was", func(ctx SpecContext) {
				before := contents()
				l, err := engine.Run(ctx, parsed(`
load: {sessions: 3, count: 6}
needs: [file: {path: new/deep/a.bin, size: 70000}]
session:
  - login
  - list
  - retr: {path: new/deep/a.bin, verify: crc}
  - stor: {size: 1000}
  - stor: {path: 'new-{session}.bin', size: 1000}
  - quit
`))
				Expect(err).NotTo(HaveOccurred())
				Expect(l.Failures).To(BeEmpty())
				Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 3, Completed: 6}))
				Expect(l.Operations["retr"].Bytes).To(Equal(int64(6 * 70000)))
				Expect(contents()).To(Equal(before))
			})

			It("overwrites nothing", func(ctx SpecContext) {
				before := contents()
				l, err := engine.Run(ctx, parsed("load: {sessions: 1, count: 3}\nsession: [login, stor: {path: 'up-{session}.bin', size: 10}]\n"))
				Expect(err).NotTo(HaveOccurred())
				Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 1, Completed: 2, Failed: 1}))
				_, err = engine.Run(ctx, parsed("load: {sessions: 1, count: 3}\nneeds: [file: {path: up-2.bin, size: 10}]\nsession: [login]\n"))
				Expect(err).To(MatchError(ContainSubstring("8 octets instead of 10")))
				Expect(contents()).To(Equal(before))
			})

			It("removes what an interrupt cut off", func(ctx SpecContext) {
				before := contents()
				interruptible, cancel := context.WithCancel(ctx)
				defer cancel()
				engine.Progress = func(Snapshot) { cancel() }
				l, err := engine.Run(interruptible, parsed("load: {sessions: 4, for: 1h}\nsession:\n  - login\n  - repeat: 1000000\n    steps: [stor: {size: 20MiB}]\n"))
				Expect(err).To(MatchError(context.Canceled))
				Expect(strings.Join(contents(), "\n")).To(Equal(strings.Join(before, "\n")))
				Expect(l.Sessions.Failed).To(BeZero())
			})
		})
	}
})
