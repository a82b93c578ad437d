package scenarios

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

func init() {
	register("raw", "send a command as it stands, and take any reply", func() Step { return &raw{} })
}

// raw sends a command as it stands, and takes any reply for right: "raw: SITE
// HELP". An expect behind it says which one it should be. What the command does
// on the server is up to who wrote it.
type raw struct{ Line Path }

// elsewhere are the commands that other steps are for, since they need more than
// one exchange.
var elsewhere = map[string]string{
	"RETR": "retr", "STOR": "stor", "APPE": "appe", "STOU": "stou", "LIST": "list", "NLST": "nlst", "MLSD": "mlsd",
	"PASV": "passive", "EPSV": "passive", "QUIT": "quit", "ABOR": "abort", "AUTH": "login", "USER": "login", "PASS": "login", "REIN": "reconnect",
}

// UnmarshalYAML reads "raw: SITE HELP".
func (r *raw) UnmarshalYAML(n ast.Node) error {
	if err := r.Line.UnmarshalYAML(n); err != nil {
		return err
	}
	verb, _, _ := strings.Cut(string(r.Line), " ")
	if step, ok := elsewhere[strings.ToUpper(verb)]; ok {
		return wrong(n, "%s needs more than one command; there is the step %s", verb, step)
	}
	if r.Line.of(fileVariable) {
		return wrong(n, "%s stands for files of a path only", fileVariable)
	}
	return nil
}

func (*raw) laden() {}

func (r *raw) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	// Where the session is afterwards, nobody knows.
	c.moved = true
	c.operation("raw", op{code: opCommand, text: string(r.Line), class: anyReply})
	return nil
}
