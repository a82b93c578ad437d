package control_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/control"
	"github.com/passiveftp/pasv/suites/internal/twins"
)

func TestControl(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, control.Area.Title)
}

var _ = func() bool { twins.Prove(control.Area); return true }()
