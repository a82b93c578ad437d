package restart

import (
	"bytes"
	"context"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// What REST names is only saved: nothing can be wrong with it yet.
var accepted = spec.Requirement{
	ID:       "REST-001",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "REST with a decimal offset is answered with 350",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.3", "The server-PI will respond to the REST command with a 350 reply, indicating that the REST parameter has been saved"),
		spec.RFC(3659, "5.3", "An error response will follow a REST command only when the server does not implement the command, or when the restart marker value is syntactically invalid for the current transfer mode"),
	},
	Needs:    spec.Login,
	Features: []string{"REST STREAM"},
	Field:    "Downloads that broke off begin at zero again, or not at all: \"curl -C\", \"wget -c\", lftp's mirror and every download manager depend on it.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		t.ExpectCode(t.Do(ctx, s, "REST 100"), 350)
	},
}

// A server that takes any word for zero sends the whole file to a client that
// believes to have asked for its end.
var digitsOnly = spec.Requirement{
	ID:       "REST-006",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "An offset that is not made of digits is refused",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.3", `rest = "Rest" SP 1*DIGIT CRLF`),
		spec.RFC(3659, "5.3", "when the restart marker value is syntactically invalid for the current transfer mode (e.g., in STREAM mode, something other than one or more digits appears in the parameter to the REST command)"),
	},
	Needs:    spec.Login,
	Features: []string{"REST STREAM"},
	Field:    "A client with a defect (an offset that has become negative, a marker of block mode) is told that all is well, and appends a whole file to the part it has.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		for _, offset := range []string{"abc", "-1"} {
			switch r := t.Do(ctx, s, "REST "+offset); {
			case r.Code == 501:
			case r.Negative():
				t.Tolerate("reply code 501 to REST "+offset, r.String())
			default:
				t.Fail("a refusal of REST "+offset+", reply code 501", r.String())
			}
		}
	},
}

// Clients look into FEAT before they offer to go on with a transfer.
var listed = spec.Requirement{
	ID:       "REST-007",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "FEAT has the line REST STREAM exactly when downloads can be restarted in stream mode",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.4", `Where a server-FTP process supports RESTart in STREAM mode, as specified here, it MUST include, in the response to the FEAT command [6], a line containing exactly the string "REST STREAM".`),
		spec.RFC(3659, "5.4", "Where REST is not supported at all or supported only in block or compressed modes, the REST line MUST NOT be included in the FEAT response."),
	},
	Needs: spec.Login | spec.Feat | spec.File,
	Field: "Where it is missing, clients fetch whole files again; where it is there and not true, they join parts that do not fit.",
	Check: func(ctx context.Context, t *spec.T) {
		const promise = "FEAT to list REST STREAM exactly when it works"
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		features, err := probe.ParseFeatures(t.Do(ctx, s, "FEAT"))
		if err != nil {
			t.Skip("missing: feat (%v)", err)
		}
		offered := false
		for _, params := range features.Params("REST") {
			offered = offered || strings.EqualFold(strings.TrimSpace(params), "STREAM")
		}
		sound(ctx, t, s, f)

		c := t.Open(ctx, s)
		defer c.Close()
		r := t.Do(ctx, s, "REST 100")
		switch {
		case offered && (r.Code == 500 || r.Code == 502):
			t.Fail(promise, "it is listed, and REST 100 is answered "+r.String())
		case offered && r.Class() != 3:
			// Whether that is right is for REST-001; here it may be a matter of configuration.
			t.Skip("restart is listed and refused, as it is where it is switched off: %s", r)
		case r.Class() != 3:
			return
		}
		m := t.TakeOn(ctx, s, c, "RETR "+f.Path)
		works := m.Err == nil && m.DataErr == nil && m.Final.Positive() && bytes.Equal(m.Data, f.Content[100:])
		switch {
		case works == offered:
		case works:
			t.Fail(promise, "it works, and is not listed")
		case m.Err == nil && m.Final.Negative():
			t.Skip("restart is listed and refused, as it is where it is switched off: %s", m.Final)
		default:
			t.Fail(promise, "it is listed, and RETR after REST 100 did not bring the file from octet 100 on")
		}
	},
}
