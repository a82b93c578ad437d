package encoding_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/encoding"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/spec"
)

func TestEncoding(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, encoding.Area.Title)
}

var _ = func() bool {
	twins.Prove(encoding.Area, twins.Setting{
		Name:   "with languages",
		Faults: []string{"lang-star-stays"},
		Apply:  func(c *ftptest.Config, _ *spec.Judge) { c.Languages = []string{"en-GB", "en-US"} },
	})
	return true
}()
