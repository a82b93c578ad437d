package representation_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/representation"
)

func TestRepresentation(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, representation.Area.Title)
}

var _ = func() bool { twins.Prove(representation.Area); return true }()
