package daemon

import (
	_ "embed"
	"encoding/json"
)

//go:embed pyftpdlib.py
var pyftpdlibScript string

// pyftpdlib is a library, so the server is a script; it finds its settings in a JSON file.
//
// It takes bytes that arrive on a data connection before the transfer command for a
// hang-up and closes the connection, so a TLS client has to wait for the preliminary reply with its handshake.
func pyftpdlib(c settings) setup {
	conf, err := json.Marshal(map[string]any{
		"addr": c.addr.String(), "port": c.port,
		"first": c.first, "last": c.last,
		"user": user, "pass": pass, "uid": accountUID, "gid": accountGID,
		"advertise": c.Advertise, "tls": c.TLS,
	})
	if err != nil {
		panic(err) // strings, numbers and booleans have a JSON form
	}
	return setup{
		files: map[string]string{"server.py": pyftpdlibScript, "server.json": string(conf)},
		env:   []string{"PYTHONPATH=/mnt/pkg/usr/lib/python3/dist-packages", "PYTHONDONTWRITEBYTECODE=1"},
		argv:  []string{"python3", "/mnt/etc/server.py", "/mnt/etc/server.json"},
	}
}
