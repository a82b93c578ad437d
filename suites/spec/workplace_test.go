package spec_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

var _ = Describe("The place of a run on the server", func() {
	// folder is a server of a folder that has something in it already.
	folder := func() (config ftptest.Config, root string) {
		root = GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(root, "mine.txt"), []byte("mine"), 0o600)).To(Succeed())
		dir, err := ftptest.Dir(root)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(dir.Close)
		return ftptest.Config{FS: dir}, root
	}
	entries := func(root string) (all []string) {
		GinkgoHelper()
		Expect(filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			all = append(all, path[len(root):])
			return err
		})).To(Succeed())
		return all
	}

	It("has fixtures and rooms, and is gone in the end", func(ctx context.Context) {
		config, root := folder()
		j := judgeOf(config)
		r := requirement(report.Must, func(ctx context.Context, t *spec.T) {
			s := t.Login(ctx)
			file, text, dir := t.Fixture(ctx, spec.File), t.Fixture(ctx, spec.TextFile), t.Fixture(ctx, spec.Dir)
			t.ExpectContent(t.Download(ctx, s, "RETR "+file.Path), spec.Binary(spec.FileSize), "the file")
			t.ExpectContent(t.Download(ctx, s, "RETR "+text.Path), spec.Text(), "the text")
			for _, name := range dir.Names {
				t.Expect(string(t.Download(ctx, s, "NLST "+dir.Path))).To(ContainSubstring(name))
			}
			t.Expect(t.Fixture(ctx, spec.File).Path).To(Equal(file.Path), "made once")
			room := t.Room(ctx)
			t.Expect(t.Room(ctx)).To(Equal(room), "made once")
			t.Upload(ctx, s, "STOR "+room+"/with spaces", []byte("x"))
			t.Do(ctx, s, "MKD "+room+"/deeper")
			t.Upload(ctx, s, "STOR "+room+"/deeper/still", []byte("x"))
		})
		r.Needs |= spec.File | spec.TextFile | spec.Dir | spec.EmptyDir
		result := j.Judge(ctx, r)
		Expect(result.Verdict).To(Equal(report.Pass), result.Reason)
		Expect(len(entries(root))).To(BeNumerically(">", 10))
		Expect(j.Close(ctx)).To(Succeed())
		Expect(entries(root)).To(Equal([]string{"", "/mine.txt"}))
	})

	It("is not made where nothing may be written", func(ctx context.Context) {
		config, root := folder()
		j := judgeOf(config)
		j.ReadOnly = true
		r := requirement(report.Must, func(context.Context, *spec.T) {})
		r.Needs |= spec.File
		result := j.Judge(ctx, r)
		Expect(result.Verdict).To(Equal(report.Skip))
		Expect(result.Reason).To(Equal("missing: file (--read-only)"))
		Expect(j.Close(ctx)).To(Succeed())
		Expect(entries(root)).To(Equal([]string{"", "/mine.txt"}))
	})

	It("says why there is none where the server does not allow it", func(ctx context.Context) {
		r := requirement(report.Must, func(context.Context, *spec.T) {})
		r.Needs |= spec.Write
		result := judgeOf(ftptest.Config{ReadOnly: true}).Judge(ctx, r)
		Expect(result.Verdict).To(Equal(report.Skip))
		Expect(result.Reason).To(MatchRegexp(`^missing: write \(MKD is answered 5`))
	})

	It("is cleaned up after runs that were killed, and nothing else is", func(ctx context.Context) {
		config, root := folder()
		left := filepath.Join(root, "pasv-check-0123456789ab")
		Expect(os.MkdirAll(filepath.Join(left, "a", "b"), 0o700)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(left, "a", "b", "c d"), []byte("x"), 0o600)).To(Succeed())
		Expect(os.Mkdir(filepath.Join(root, "pasv-check-ours"), 0o700)).To(Succeed())
		j := judgeOf(config)
		Expect(spec.Cleanup(ctx, j.Dialer, j.Target, 4)).To(Equal([]string{"pasv-check-0123456789ab"}))
		Expect(entries(root)).To(Equal([]string{"", "/mine.txt", "/pasv-check-ours"}))
		Expect(spec.Cleanup(ctx, j.Dialer, j.Target, 4)).To(BeEmpty())
	})

	It("is removed by several sessions where the server admits them, and else by one", func(ctx context.Context) {
		for _, most := range []int{0, 1} {
			config, root := folder()
			config.MaxSessions = most
			server, j := serverAndJudge(config)
			left := filepath.Join(root, "pasv-check-0123456789ab")
			for _, dir := range []string{"a", "b/c", "d"} {
				Expect(os.MkdirAll(filepath.Join(left, dir), 0o700)).To(Succeed())
				for n := range 50 {
					Expect(os.WriteFile(filepath.Join(left, dir, fmt.Sprint(n)), []byte("x"), 0o600)).To(Succeed())
				}
			}
			Expect(spec.Cleanup(ctx, j.Dialer, j.Target, 4)).To(HaveLen(1))
			Expect(entries(root)).To(Equal([]string{"", "/mine.txt"}))
			if most == 0 {
				Expect(server.Stats().Sessions).To(And(BeNumerically(">", 1), BeNumerically("<=", 4)))
			}
		}
	})

	It("is removed from a server with few ports, and from one that ends a session after some refusals", func(ctx context.Context) {
		for _, name := range []string{"two-ports", "three-strikes"} {
			v, ok := ftptest.LookupVariant(name)
			Expect(ok).To(BeTrue(), name)
			config, root := folder()
			config.Variants = []ftptest.Variant{v}
			left := filepath.Join(root, "pasv-check-0123456789ab")
			for n := range 20 {
				Expect(os.MkdirAll(filepath.Join(left, fmt.Sprint(n), "a"), 0o700)).To(Succeed())
				Expect(os.WriteFile(filepath.Join(left, fmt.Sprint(n), "a", "b"), []byte("x"), 0o600)).To(Succeed())
			}
			j := judgeOf(config)
			Expect(spec.Cleanup(ctx, j.Dialer, j.Target, 8)).To(HaveLen(1), name)
			Expect(entries(root)).To(Equal([]string{"", "/mine.txt"}), name)
		}
	})

	It("says what could not be removed", func(ctx context.Context) {
		config, root := folder()
		Expect(os.MkdirAll(filepath.Join(root, "pasv-check-0123456789ab", "a"), 0o700)).To(Succeed())
		config.ReadOnly = true
		j := judgeOf(config)
		removed, err := spec.Cleanup(ctx, j.Dialer, j.Target, 4)
		Expect(removed).To(BeEmpty())
		Expect(err).To(MatchError(HavePrefix("pasv-check-0123456789ab could not be removed: 5")))
	})

	It("has a binary file with every octet and a text without CR", func() {
		b := spec.Binary(spec.FileSize)
		for v := range 256 {
			Expect(bytes.IndexByte(b, byte(v))).NotTo(Equal(-1), "octet %d", v)
		}
		Expect(spec.Text()).NotTo(ContainElement(byte('\r')))
		Expect(bytes.Count(spec.Text(), []byte("\n"))).To(BeNumerically(">", 400))
	})
})

var _ = Describe("Judging several times", func() {
	It("is inconclusive when the times differ, and says so", func(ctx context.Context) {
		j, n := judgeOf(ftptest.Config{}), 0
		j.Repeat = 5
		result := j.Judge(ctx, requirement(report.Must, func(_ context.Context, t *spec.T) {
			if n++; n == 3 {
				t.Fail("a", "b")
			}
		}))
		Expect(result.Verdict).To(Equal(report.Inconclusive))
		Expect(result.Reason).To(ContainSubstring("time 3 of 5 differs from those before: fail, not pass"))
	})

	It("is no different when they agree", func(ctx context.Context) {
		j, n := judgeOf(ftptest.Config{}), 0
		j.Repeat = 5
		Expect(j.Judge(ctx, requirement(report.Must, func(context.Context, *spec.T) { n++ })).Verdict).To(Equal(report.Pass))
		Expect(n).To(Equal(5))
	})
})
