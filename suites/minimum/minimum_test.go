package minimum_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/minimum"
)

func TestMinimum(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, minimum.Area.Title)
}

var _ = func() bool { twins.Prove(minimum.Area); return true }()
