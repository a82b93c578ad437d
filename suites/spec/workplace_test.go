package spec_test

import (
	"bytes"
	"context"
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
		Expect(spec.Cleanup(ctx, j.Dialer, j.Target)).To(Equal([]string{"pasv-check-0123456789ab"}))
		Expect(entries(root)).To(Equal([]string{"", "/mine.txt", "/pasv-check-ours"}))
		Expect(spec.Cleanup(ctx, j.Dialer, j.Target)).To(BeEmpty())
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
