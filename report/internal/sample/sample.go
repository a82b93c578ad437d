package sample

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/passiveftp/pasv/report"
)

func tool() report.Tool {
	return report.Tool{Name: "pasv", Version: "0.1.0", Go: "go1.26.0", OS: "linux", Arch: "amd64"}
}

var started = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

// spread is a histogram of n durations between half and nine times typical, as a
// report file has it.
func spread(n int, typical time.Duration) report.Distribution {
	var h report.Histogram
	for i := range n {
		d := typical/2 + typical*time.Duration(i%100)/100
		if i%97 == 96 {
			d = typical * 9
		}
		h.Record(d)
	}
	var d report.Distribution
	b, err := json.Marshal(h.Distribution())
	if err == nil {
		err = json.Unmarshal(b, &d)
	}
	if err != nil {
		panic(err)
	}
	return d
}

func session(lines ...string) []report.Line {
	dir := map[byte]string{'<': "recv", '>': "send", '*': "note"}
	out := make([]report.Line, len(lines))
	for i, l := range lines {
		out[i] = report.Line{At: report.Seconds(i) * 0.0015, Dir: dir[l[0]], Text: l[2:]}
	}
	return out
}

// Healthy is a run of all jobs against the embedded server that found nothing wrong.
func Healthy() report.Run {
	var check report.Check
	for _, r := range []report.Result{
		{ID: "PASV-001", Title: "PASV is implemented", Level: report.Must, Severity: report.Critical, Verdict: report.Pass},
		{ID: "PASV-006", Title: "227 names a port that can be used", Level: report.Must, Severity: report.Critical, Verdict: report.Pass,
			Notes: []string{"the port is below 10000"}},
		{ID: "PASV-013", Title: "PASV takes no argument", Level: report.May, Severity: report.Minor, Verdict: report.Info, Reason: "an argument is ignored"},
		{ID: "EPSV-010", Title: "EPSV works with TLS", Level: report.Must, Severity: report.Major, Verdict: report.Skip, Reason: "missing: tls"},
	} {
		r.Area, r.ElapsedMS = "passive", 4.25
		r.Cites = []report.Cite{{Source: "RFC 959 §4.1.2"}}
		check.Add(r)
	}
	return report.Run{
		Schema: report.Schema, Tool: tool(), Started: started, Elapsed: 3.5,
		Target: report.Target{URL: "ftp://pasv@127.0.0.1:40021/", Address: "127.0.0.1:40021", Greeting: "pasv ready", Server: "pasv ftptest", Embedded: true},
		Check:  &check,
		Load: &report.Load{
			Scenario: "small-files", Model: "closed", Elapsed: 2, Bytes: 81920000, Throughput: 40960000,
			Sessions:   report.Sessions{AtOnce: 20, Completed: 2000},
			Operations: map[string]report.Operation{"retr": {Bytes: 81920000, Rate: 10000, Latency: spread(20000, 800*time.Microsecond)}},
			Phases:     map[string]report.Distribution{"data.connect": spread(20000, 60*time.Microsecond), "login": spread(2000, 300*time.Microsecond)},
			Thresholds: []report.Threshold{{Want: "p99(data.connect) < 20ms", Value: "0.54 ms", Met: true}},
			Generator: report.Generator{
				CPU: 1.5, Cores: 2, Share: 0.375, Peak: 0.41, Watched: 2, Lag: spread(200, 40*time.Microsecond),
				GC: report.Pauses{Count: 3, Total: 0.0004, Max: 0.00018}, OpenFiles: 1024, FilesOpen: 49,
				Shares: report.SharedProcess, Warnings: []string{"server and generator are one process: the figures are those of both together"},
			},
			Limits: map[string]report.Limit{report.LimitUndecided: {Transfers: 20_000, Bytes: 81920000, Elapsed: 4.5, Share: 1}},
			Fairness: &report.Fairness{Sessions: 20, Bytes: report.Spread{Min: 3_891_200, Median: 4_096_000, Max: 4_300_800, Jain: 0.9991},
				Operations: report.Spread{Min: 950, Median: 1000, Max: 1050, Jain: 0.9991}},
			Verified:     &report.Verified{Transfers: 20_000, Bytes: 81920000, Content: 40960000},
			PassivePorts: &report.PassivePorts{Offered: 20_000, Distinct: 11_213, Lowest: 49152, Highest: 65535, Reused: 8787, Soonest: 0.0125},
			Sockets:      &report.Sockets{Asked: 20_000, Segments: 140_211, RTT: spread(20000, 45*time.Microsecond), TimeWait: new(int64(3))},
		},
		Diagnose: &report.Diagnosis{
			Findings: []report.Finding{{Code: report.Healthy, Severity: report.Note, Confidence: 1, Title: "Passive mode works on everything that was tried.",
				Evidence: []string{"6 of 6 data connections worked"}}},
			Range:  &report.PortRange{First: 40100, Last: 40190, Samples: 20, Distinct: 18},
			Ports:  []report.Port{{Port: 40100, State: "open", Offered: 2}, {Port: 40190, State: "open", Offered: 1}},
			Matrix: []report.Cell{{Way: "epsv", Family: "ipv4", Protection: "plain", Outcome: "ok", Tried: 3, Worked: 3, Elapsed: 0.0004}},
		},
	}
}

// Broken is an interrupted run of all jobs against a server where much is
// wrong.
func Broken() report.Run {
	check := report.Check{Strict: true, FailOn: report.FailOnWarnMajor}
	for i := range 32 {
		check.Add(report.Result{ID: fmt.Sprintf("CTL-%03d", i+1), Title: "a requirement that is met", Area: "control",
			Level: report.Must, Severity: report.Minor, Verdict: report.Pass, ElapsedMS: 1,
			Cites: []report.Cite{{Source: "RFC 959 §5.4"}}})
	}
	long := []string{"* connected to 192.0.2.10:21", "< 220 (vsFTPd 3.0.3)", "> USER pasv", "< 331 Please specify the password.", "> PASS ***", "< 230 Login successful."}
	for i := range 12 {
		long = append(long, "> PASV", fmt.Sprintf("< 227 Entering Passive Mode (10,0,0,5,195,%d).", 80+i))
	}
	long = append(long, "* data connection to 10.0.0.5:50011: i/o timeout")
	for _, r := range []report.Result{
		{ID: "PASV-007", Title: "227 names the host that sent it", Level: report.Should, Severity: report.Critical, Verdict: report.Fail, ElapsedMS: 5012,
			Reason: "the 227 names 10.0.0.5, the control connection goes to 192.0.2.10",
			Notes:  []string{"10.0.0.0/8 is private (RFC 1918)"},
			Cites: []report.Cite{
				{Source: "RFC 1123 §4.1.2.6", Quote: "the host number h1,h2,h3,h4 is the IP address of the server host that is sending the reply"},
				{Source: "RFC 959 §4.1.2"},
			},
			Evidence: []report.Evidence{
				{Kind: report.Expected, Text: "the address of the control connection: 192.0.2.10"},
				{Kind: report.Seen, Text: "227 Entering Passive Mode (10,0,0,5,195,91)."},
				{Kind: report.Transcript, Session: 1, Transcript: session("* connected to 192.0.2.10:21", "< 220 (vsFTPd 3.0.3)", "> QUIT", "< 221 Goodbye.")},
				{Kind: report.Transcript, Session: 2, Transcript: session(long...)},
			}},
		{ID: "PASV-004", Title: "no digit stands before the address in the 227", Level: report.Practice, Severity: report.Major, Verdict: report.Warn, ElapsedMS: 3,
			Reason: `the text before the address is "Entering Passive Mode v2 "`, Cites: []report.Cite{{Source: "RFC 1123 §4.1.2.6"}}},
		{ID: "PASV-005", Title: "the 227 is a single line", Level: report.Practice, Severity: report.Minor, Verdict: report.Warn, ElapsedMS: 3,
			Reason: "the 227 has 2 lines", Cites: []report.Cite{{Source: "RFC 2389 §2.2"}}},
		{ID: "PASV-020", Title: "two sessions do not get the same port at once", Level: report.Must, Severity: report.Critical, Verdict: report.Inconclusive, ElapsedMS: 30000,
			Reason: "421 twice in the same place", Cites: []report.Cite{{Source: "RFC 959 §4.1.2"}}},
		{ID: "PASV-021", Title: "the listener is closed after the transfer", Level: report.Must, Severity: report.Major, Verdict: report.Error, ElapsedMS: 12,
			Reason: "connect 192.0.2.10:21: cannot assign requested address", Cites: []report.Cite{{Source: "RFC 959 §3.2"}}},
		{ID: "PASV-012", Title: "a new PASV replaces the old one", Level: report.Must, Severity: report.Major, Verdict: report.XFail, ElapsedMS: 40,
			Reason: "data came on the old port", Cites: []report.Cite{{Source: "RFC 959 §3.2"}}},
		{ID: "PASV-009", Title: "the data connection may come before the command", Level: report.Must, Severity: report.Critical, Verdict: report.XPass, ElapsedMS: 1004,
			Reason: "the baseline expects a failure, but the requirement is met", Cites: []report.Cite{{Source: "RFC 4217 §12.5"}}},
		{ID: "PASV-013", Title: "PASV takes no argument", Level: report.May, Severity: report.Minor, Verdict: report.Info, ElapsedMS: 2,
			Reason: "an argument is ignored", Cites: []report.Cite{{Source: "RFC 959 §5.3.1"}}},
		{ID: "PASV-022", Title: "PASV works in a protected session", Level: report.Must, Severity: report.Major, Verdict: report.Skip, Reason: "missing: tls", Cites: []report.Cite{{Source: "RFC 4217 §7"}}},
		{ID: "PASV-023", Title: "the data connection is protected after PROT P", Level: report.Must, Severity: report.Critical, Verdict: report.Skip, Reason: "missing: tls", Cites: []report.Cite{{Source: "RFC 4217 §9"}}},
		{ID: "PASV-024", Title: "data from a second address are refused", Level: report.Should, Severity: report.Major, Verdict: report.Skip, Reason: "missing: src2", Cites: []report.Cite{{Source: "RFC 2577 §4"}}},
	} {
		r.Area = "passive"
		check.Add(r)
	}
	load := &report.Load{
		Scenario: "ramp", Model: "open", Started: started.Add(5 * time.Second), Elapsed: 30, Bytes: 5_637_144_576, Throughput: 187_904_819.2,
		Sessions: report.Sessions{AtOnce: 200, Completed: 11880, Failed: 43, Interrupted: 12},
		Dropped:  7, DroppedFor: map[string]int64{"at-most": 5, "ports": 2},
		Starts: &report.Starts{Late: 310, Slip: spread(11935, 40*time.Microsecond)},
		Operations: map[string]report.Operation{
			"login": {Failures: 12, Rate: 397.1, Latency: spread(11900, 12*time.Millisecond)},
			"retr":  {Failures: 31, Refused: 4, Bytes: 5_637_144_576, Rate: 1790.6, Latency: spread(53720, 48*time.Millisecond)},
		},
		Phases: map[string]report.Distribution{
			"connect": spread(11900, 700*time.Microsecond), "login": spread(11900, 11*time.Millisecond),
			"passive": spread(53720, 900*time.Microsecond), "data.connect": spread(53720, 800*time.Microsecond),
			"transfer": spread(53720, 40*time.Millisecond), "quit": spread(11880, 400*time.Microsecond),
		},
		Failures: []report.Failure{
			{Phase: "data.connect", Cause: "refused", Count: 31, Example: "data.connect 192.0.2.10:50011: connection refused",
				Transcript: session("> EPSV", "< 229 Entering Extended Passive Mode (|||50011|)", "* data connection to 192.0.2.10:50011: connection refused")},
			{Phase: "login", Cause: "reply", Code: 421, Count: 12, Example: "login: 421 There are too many connected users, please try later."},
		},
		Series: []report.Interval{{At: 0, Active: 40, Operations: 900, Bytes: 94371840}, {At: 1, Active: 81, Operations: 1800, Failures: 2, Bytes: 188743680}},
		Thresholds: []report.Threshold{
			{Want: "p99(data.connect) < 20ms", Value: "7.2 ms", Met: true},
			{Want: "rate(failures) < 0.1%", Value: "0.36 %", Met: false},
		},
		Generator: report.Generator{
			CPU: 55.5, Cores: 2, Share: 0.925, Peak: 0.98, Watched: 30, Saturated: 22, Lag: spread(3000, 900*time.Microsecond),
			GC: report.Pauses{Count: 120, Total: 0.0204, Max: 0.0011}, OpenFiles: 1048576, FilesOpen: 412,
			Lacked: map[string]int64{"ports": 2},
		},
		Targets: []report.TargetLoad{
			{URL: "ftp://pasv@ftp.example.net/incoming", Address: "192.0.2.10:21", Weight: 3, Sessions: 8910, SessionsFailed: 12, Operations: 49200, Failures: 12,
				Bytes: 4_227_858_432, Throughput: 140_928_614.4, Login: spread(8922, 11*time.Millisecond), Transfer: spread(40290, 39*time.Millisecond)},
			{URL: "ftp://pasv@ftp2.example.net/incoming", Weight: 1, Sessions: 2970, SessionsFailed: 31, Operations: 16420, Failures: 31,
				Bytes: 1_409_286_144, Throughput: 46_976_204.8, Login: spread(2978, 12*time.Millisecond), Transfer: spread(13430, 42*time.Millisecond)},
		},
		Fairness: &report.Fairness{Unjudged: "sessions of the open model have no time in common"},
		Sockets:  &report.Sockets{Asked: 53_720, Segments: 4_810_977, Retransmitted: 41, OutOfOrder: 3302, RTT: spread(53720, 700*time.Microsecond), TimeWait: new(int64(14_202))},
		Observations: []report.Observation{
			{Code: report.SessionsLimited, Text: "session limit: at most 200 logged in at once, 12 sessions turned away (login: 421 There are too many connected users, please try later.)"},
		},
		Limits: map[string]report.Limit{
			"server":              {Transfers: 48_120, Bytes: 5_207_144_576, Elapsed: 2310},
			"network":             {Transfers: 3_412, Bytes: 398_000_000, Elapsed: 402.5},
			report.LimitUndecided: {Transfers: 2_188, Bytes: 32_000_000, Elapsed: 24.25},
		},
	}
	load.DecideLimit()
	load.DecideGenerator()
	diagnosis := &report.Diagnosis{
		Findings: []report.Finding{
			{Code: report.AddressPrivate, Severity: report.Blocking, Confidence: 0.95,
				Title: "The server advertises 10.0.0.5, a private address, although it is reached at 192.0.2.10.",
				Evidence: []string{
					"6 of 6 replies to PASV name 10.0.0.5",
					"the same ports answer at the address of the control connection (3 of 3)",
				},
				RuledOut: []string{"range-filtered: the ports are open at 192.0.2.10"},
				Advice: []string{
					"vsftpd: set pasv_address=192.0.2.10 in vsftpd.conf and restart it",
					"until then, use a client that ignores the address of the 227, for example curl with --ftp-skip-pasv-ip",
				}},
			{Code: report.EPSVUnsupported, Severity: report.Limited, Confidence: 1, Title: "The server answers EPSV with 500.",
				Evidence: []string{"EPSV: 500 Unknown command."}, Advice: []string{"remove EPSV from cmds_denied"}},
		},
		Range: &report.PortRange{First: 50000, Last: 50100, Samples: 40, Distinct: 33},
		Ports: []report.Port{
			{Port: 50000, State: "open", Offered: 3}, {Port: 50001, State: "open", Offered: 1}, {Port: 50007, State: "filtered", Offered: 2, Detail: "no answer in 5 s"},
			{Port: 50008, State: "filtered", Offered: 1, Detail: "no answer in 5 s"}, {Port: 50009, State: "filtered", Offered: 1, Detail: "no answer in 5 s"},
			{Port: 50100, State: "rejected", Offered: 1, Detail: "ICMP 3/13 from 192.0.2.1"},
		},
		Matrix: []report.Cell{
			{Way: "advertised", Family: "ipv4", Protection: "plain", Advertised: "10.0.0.5:50007", Dialled: "10.0.0.5:50007", Outcome: "filtered", Detail: "no answer in 5 s", Tried: 3, Elapsed: 5.004},
			{Way: "control", Family: "ipv4", Protection: "plain", Advertised: "10.0.0.5:50000", Dialled: "192.0.2.10:50000", Outcome: "ok", Tried: 3, Worked: 3, Elapsed: 0.0021},
			{Way: "epsv", Family: "ipv4", Protection: "plain", Outcome: "reply", Detail: "500 Unknown command.", Tried: 3, Elapsed: 0.0009},
		},
	}
	return report.Run{
		Schema: report.Schema, Tool: tool(), Started: started, Elapsed: 47.25, Exit: report.ExitIncomplete, Partial: true,
		Error:  "interrupted",
		Target: report.Target{URL: "ftp://pasv@ftp.example.net/incoming", Address: "192.0.2.10:21", Greeting: "(vsFTPd 3.0.3)", Server: "vsftpd 3.0.3"},
		Check:  &check, Load: load, Diagnose: diagnosis,
	}
}

// Unreachable is a run of all jobs against a server that cannot be logged in to.
// [Healthy], [Broken] and Unreachable together fill every field that a report has.
func Unreachable() report.Run {
	return report.Run{
		Schema: report.Schema, Tool: tool(), Started: started, Elapsed: 31, Exit: report.ExitTarget,
		Error:  "login: 530 Login incorrect.",
		Target: report.Target{URL: "ftp://pasv@ftp.example.net/", Address: "192.0.2.10:21", Greeting: "(vsFTPd 3.0.3)"},
		Check:  &report.Check{Unreached: true},
		Load: &report.Load{
			Scenario: "smoke", Model: "closed", Elapsed: 10, Unreached: true,
			Sessions:  report.Sessions{AtOnce: 1, Failed: 10},
			Failures:  []report.Failure{{Phase: "login", Cause: "reply", Code: 530, Count: 10, Example: "login: 530 Login incorrect."}},
			Generator: report.Generator{CPU: 0.02, Cores: 2},
		},
		Diagnose: &report.Diagnosis{Findings: []report.Finding{{
			Code: report.LoginRefused, Severity: report.Blocking, Confidence: 1, Title: "The server refuses the login.",
			Evidence: []string{"PASS: 530 Login incorrect."}, Advice: []string{"check user name and password"},
		}}},
	}
}

// Attack is what a hostile server may put anywhere: a terminal's title and
// clear sequences, C0 and C1 controls, broken UTF-8, the end of a CDATA
// section, markup, and a bidirectional override.
const Attack = "\x1b[2J\x1b]0;own\a \x00\x7f\u009b31m \xff\xfe ]]> <script>alert(1)</script> &amp; \"' \u202ecod.exe\u2066 \r\nExit 0\v \ufffe"

// Hostile is [Broken] with [Attack] in every text of it, the keys of maps too.
// What selects between a few values (verdicts, kinds, weights) is as it was, so
// that every part of a rendering is reached.
func Hostile() report.Run {
	r := Broken()
	poison(&r, false)
	return r
}

// Garbage is [Hostile] with [Attack] in those too, as a damaged file may have it.
func Garbage() report.Run {
	r := Broken()
	poison(&r, true)
	return r
}
