package extended_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/extended"
	"github.com/passiveftp/pasv/suites/internal/twins"
)

func TestExtended(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, extended.Area.Title)
}

var _ = func() bool { twins.Prove(extended.Area); return true }()
