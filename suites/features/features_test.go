package features_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/features"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/spec"
)

func TestFeatures(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, features.Area.Title)
}

var _ = func() bool {
	twins.Prove(features.Area,
		twins.Setting{
			Name:   "judged strictly",
			Faults: []string{"feat-last-line"},
			Apply:  func(_ *ftptest.Config, j *spec.Judge) { j.Strict = true },
		})
	return true
}()
