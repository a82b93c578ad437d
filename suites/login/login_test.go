package login_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/login"
	"github.com/passiveftp/pasv/suites/spec"
)

func TestLogin(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, login.Area.Title)
}

var _ = func() bool {
	twins.Prove(login.Area, twins.Setting{
		Name:   "no TLS, which REIN would end",
		Faults: []string{"login-rein-keeps-type", "login-rein-keeps-user", "login-rein-keeps-directory", "login-rein-keeps-offset", "login-rein-keeps-port"},
		Apply:  func(c *ftptest.Config, _ *spec.Judge) { c.TLS = nil },
	}, twins.Setting{
		Name:   "a user who needs an account",
		Faults: []string{"login-acct-unimplemented", "login-acct-refused"},
		Apply: func(c *ftptest.Config, j *spec.Judge) {
			c.Users = map[string]string{"pasv": "embedded", "teller": "drawer"}
			c.Accounts = map[string]string{"teller": "books"}
			j.Declared.Account = spec.Account{User: "teller", Pass: "drawer", Account: "books"}
		},
	})
	return true
}()
