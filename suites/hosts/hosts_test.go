package hosts_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/hosts"
	"github.com/passiveftp/pasv/suites/internal/twins"
)

func TestHosts(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, hosts.Area.Title)
}

var _ = func() bool { twins.Prove(hosts.Area); return true }()
