package hosts_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/hosts"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/spec"
)

func TestHosts(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, hosts.Area.Title)
}

var _ = func() bool {
	twins.Prove(hosts.Area, twins.Setting{
		Name:   "no virtual hosts",
		Faults: []string{"host-spoils-login"},
		Apply:  func(c *ftptest.Config, j *spec.Judge) { c.Hosts, j.Declared.Hosts = nil, nil },
	}, twins.Setting{
		Name:   "no TLS, which REIN would end",
		Faults: []string{"host-survives-rein"},
		Apply:  func(c *ftptest.Config, _ *spec.Judge) { c.TLS = nil },
	}, twins.Setting{
		Name:  "implicit TLS",
		Apply: func(c *ftptest.Config, _ *spec.Judge) { c.Implicit = true },
	})
	return true
}()
