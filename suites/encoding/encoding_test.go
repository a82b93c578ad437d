package encoding_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/encoding"
	"github.com/passiveftp/pasv/suites/internal/twins"
)

func TestEncoding(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, encoding.Area.Title)
}

var _ = func() bool { twins.Prove(encoding.Area); return true }()
