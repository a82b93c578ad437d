package passive_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/passive"
)

func TestPassive(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Passive mode (PASV)")
}

var _ = func() bool { twins.Prove(passive.Area); return true }()
