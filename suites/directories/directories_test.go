package directories_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/directories"
	"github.com/passiveftp/pasv/suites/internal/twins"
)

func TestDirectories(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, directories.Area.Title)
}

var _ = func() bool { twins.Prove(directories.Area); return true }()
