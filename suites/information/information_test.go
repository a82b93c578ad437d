package information_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/information"
	"github.com/passiveftp/pasv/suites/internal/twins"
)

func TestInformation(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, information.Area.Title)
}

var _ = func() bool { twins.Prove(information.Area); return true }()
