package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

// declarations are the values of --declare.
type declarations struct{ spec.Declared }

// declared lists what can be declared, for the help.
const declared = "chroot, tls-required, tls-required-data, quota=OCTETS, vhost=NAME, idle-timeout=DURATION, account=USER:PASSWORD:ACCOUNT"

func (d *declarations) String() string { return "" }
func (d *declarations) Type() string   { return "FACT" }

// Set takes one fact, KEY or KEY=VALUE. Its errors repeat no value, which may be
// a password.
func (d *declarations) Set(fact string) error {
	key, value, valued := strings.Cut(fact, "=")
	var err error
	switch key {
	case "chroot":
		d.Confined = true
	case "tls-required":
		d.TLSRequired = true
	case "tls-required-data":
		d.TLSRequiredData = true
	case "quota":
		if d.Quota, err = strconv.ParseInt(value, 10, 64); err != nil || d.Quota < 1 {
			return fmt.Errorf("quota is a number of octets")
		}
		return nil
	case "vhost":
		if value == "" {
			return fmt.Errorf("vhost is the name of a virtual host")
		}
		d.Hosts = append(d.Hosts, value)
		return nil
	case "idle-timeout":
		if d.IdleTimeout, err = time.ParseDuration(value); err != nil || d.IdleTimeout <= 0 {
			return fmt.Errorf("idle-timeout is a duration like 5m")
		}
		return nil
	case "account":
		parts := strings.SplitN(value, ":", 3)
		if len(parts) != 3 || parts[0] == "" {
			return fmt.Errorf("account is USER:PASSWORD:ACCOUNT")
		}
		d.Account = spec.Account{User: parts[0], Pass: probe.Secret(parts[1]), Account: probe.Secret(parts[2])}
		return nil
	default:
		return fmt.Errorf("what can be declared is %s", declared)
	}
	if valued {
		return fmt.Errorf("%s takes no value", key)
	}
	return nil
}
