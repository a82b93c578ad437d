package transfer_test

import (
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

func TestTransfer(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, transfer.Area.Title)
}

// sparse lets an upload begin beyond the end of a file, as file systems do.
type sparse struct{ *ftptest.Memory }

func (f sparse) Create(path string, keep int64) (ftptest.Upload, error) {
	if keep > 0 {
		if info, err := f.Stat(path); err != nil || info.Size < keep {
			if err := f.WriteZeros(path, keep); err != nil {
				return nil, err
			}
		}
	}
	return f.Memory.Create(path, keep)
}

// elsewhere are the faults with a setting of their own, protected those that are to
// be seen through TLS, which the standard setting has. All others are judged in
// clear, where some of them show only.
var (
	limited     = []string{"stor-over-limit"}
	huge        = []string{"size-wraps"}
	stalling    = []string{"retr-stall-forever"}
	waiting     = []string{"retr-cut-hangs", "retr-outlives-control"}
	silent      = []string{"no-final-reply", "retr-stall", "retr-no-mark"}
	protected   = []string{"retr-corrupt", "stor-corrupt", "retr-block-short", "stor-keeps-tail", "abor-stale", "nlst-bare-names"}
	elsewhere   = slices.Concat(limited, huge, stalling, waiting, silent, protected)
	unprotected = func() (names []string) {
		for _, f := range ftptest.Faults() {
			if !slices.Contains(elsewhere, f.Name) {
				names = append(names, f.Name)
			}
		}
		return names
	}()
)

// inClear is a server without TLS.
func inClear(c *ftptest.Config) { c.TLS = nil }

var _ = func() bool {
	twins.Prove(transfer.Area,
		twins.Setting{
			Name:   "in clear",
			Faults: unprotected,
			Apply:  func(c *ftptest.Config, _ *spec.Judge) { inClear(c) },
		},
		twins.Setting{
			Name:   "a limit of storage",
			Faults: limited,
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				inClear(c)
				c.MaxUpload = spec.BigSize
				j.Declared.Quota = spec.BigSize
			},
		},
		twins.Setting{
			Name:   "files that do not fit into 32 bits",
			Faults: huge,
			Apply: func(c *ftptest.Config, _ *spec.Judge) {
				inClear(c)
				c.FS = sparse{ftptest.NewMemory()}
			},
		},
		twins.Setting{
			Name:   "little patience with transfers that stall",
			Faults: stalling,
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				inClear(c)
				c.StallTimeout = 4 * time.Second
				j.Slow, j.Shorten = true, 30
			},
		},
		// What is silent is waited for; a tenth of the time will do here.
		twins.Setting{
			Name:   "short waits",
			Faults: waiting,
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				inClear(c)
				j.Shorten = 10
			},
		},
		twins.Setting{
			Name:   "a short timeout",
			Faults: silent,
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				inClear(c)
				j.Dialer.Timeout = 6 * time.Second
			},
		},
	)
	return true
}()
