package spec

import (
	"context"
	"fmt"

	"github.com/passiveftp/pasv/report"
)

// Needs is a set of preconditions. Those that the tool can find out by itself
// are found out once in a run.
type Needs uint32

const (
	// Login: an account that can log in.
	Login Needs = 1 << iota
	// Credentials: the name and password of that account, for checks that log in
	// themselves.
	Credentials
	// Write: the account may create, overwrite, rename and delete in its directory.
	Write
	// IPv4: the control connection runs over IPv4.
	IPv4
	// IPv6: the control connection runs over IPv6.
	IPv6
	// Feat: FEAT is answered with a listing.
	Feat
	// TLS: AUTH TLS is answered 234, or the target is one with TLS.
	TLS
	// Rein: REIN is answered 2yz.
	Rein
	// File: a binary file, see [T.Fixture].
	File
	// TextFile: lines that end with LF.
	TextFile
	// Dir: a directory with known entries.
	Dir
	// EmptyDir: a directory with none.
	EmptyDir
	// BigFile: a file that no buffer between server and client holds.
	BigFile
	// HugeFile: one whose size does not fit into 32 bits.
	HugeFile
	// Source2: a second address of this machine from which the server can be reached.
	Source2
	// TLSRequired: the server is declared to demand TLS for logging in.
	TLSRequired
	// TLSRequiredData: the server is declared to demand TLS for data.
	TLSRequiredData
	// AccountUser: a user is declared who needs ACCT.
	AccountUser
	// Quota: a limit of storage is declared.
	Quota
	// Confined: the account is declared to be confined to its directory.
	Confined
	// VHost: a virtual host name is declared.
	VHost
	// VHosts: two of them are.
	VHosts
	// Slow: takes longer than a minute.
	Slow
	// Intrusive: may trigger lock-outs or use up what the server has.
	Intrusive
)

var needNames = []string{
	"login", "credentials", "write", "ipv4", "ipv6", "feat", "tls", "rein", "file", "textfile", "dir", "emptydir", "bigfile", "hugefile",
	"src2", "tls-required", "tls-required-data", "account-user", "quota", "chroot", "vhost", "vhosts(2)", "slow", "intrusive",
}

// Names lists the preconditions by their tokens.
func (n Needs) Names() []string {
	names := []string{}
	for i, name := range needNames {
		if n&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// cheap are the preconditions that are known without asking the server again.
const cheap = Login | IPv4 | IPv6 | Source2 | TLSRequired | TLSRequiredData | AccountUser | Quota | Confined | VHost | VHosts | Slow | Intrusive

// missing names the precondition among some that is not there, in the form
// "missing: token", with the reason. Features count when they are not [cheap].
func (j *Judge) missing(ctx context.Context, r *Requirement, among Needs) (string, report.Outcome) {
	if err := j.Reach(ctx); err != nil {
		return err.Error(), report.Broken
	}
	for i, name := range needNames {
		need := Needs(1) << i
		if r.Needs&among&need == 0 {
			continue
		}
		if err := j.lacks(ctx, need); err != nil {
			return fmt.Sprintf("missing: %s (%v)", name, err), report.Skipped
		}
	}
	if among == cheap {
		return "", report.Met
	}
	for _, f := range r.Features {
		if !j.feature(ctx, f) {
			return "missing: feat:" + f, report.Skipped
		}
	}
	return "", report.Met
}

// lacks says why a precondition is not there; nil means that it is.
func (j *Judge) lacks(ctx context.Context, need Needs) error {
	unless := func(ok bool, why string) error {
		if ok {
			return nil
		}
		return fmt.Errorf("%s", why)
	}
	switch need {
	case Login:
		return j.facts.login
	case Write:
		_, err := j.workplace(ctx)
		return err
	case IPv4:
		return unless(j.facts.peer.Addr().Is4(), "the control connection runs over IPv6")
	case IPv6:
		return unless(j.facts.peer.Addr().Is6(), "the control connection runs over IPv4")
	case Feat:
		_, err := j.features(ctx)
		return err
	case TLS:
		return j.tls(ctx)
	case Rein:
		return j.rein(ctx)
	case File, TextFile, Dir, EmptyDir, BigFile, HugeFile:
		_, err := j.fixture(ctx, need)
		return err
	case Source2:
		return unless(j.source2().IsValid(), "no second source address (--source)")
	case TLSRequired:
		return unless(j.Declared.TLSRequired, undeclared)
	case TLSRequiredData:
		return unless(j.Declared.TLSRequiredData, undeclared)
	case AccountUser:
		return unless(j.Declared.Account.User != "", undeclared)
	case Quota:
		return unless(j.Declared.Quota > 0, undeclared)
	case Confined:
		return unless(j.Declared.Confined, undeclared)
	case VHost:
		return unless(len(j.Declared.Hosts) > 0, undeclared)
	case VHosts:
		return unless(len(j.Declared.Hosts) > 1, undeclared)
	case Slow:
		return unless(j.Slow, "only with --slow")
	case Intrusive:
		return unless(j.Intrusive, "only with --intrusive")
	}
	return nil
}

const undeclared = "not declared (--declare)"
