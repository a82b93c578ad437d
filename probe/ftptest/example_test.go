package ftptest_test

import (
	"fmt"
	"net"
	"net/textproto"

	"github.com/passiveftp/pasv/probe/ftptest"
)

func Example() {
	fault, _ := ftptest.LookupFault("pasv-address-zero")
	srv, err := ftptest.Start(ftptest.Config{Faults: []ftptest.Fault{fault}})
	if err != nil {
		panic(err)
	}
	defer srv.Close()

	conn, err := net.Dial("tcp", srv.Addr().String())
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	c := textproto.NewConn(conn)
	for _, command := range []string{"", "USER pasv", "PASS embedded", "PWD", "QUIT"} {
		if command != "" {
			_ = c.PrintfLine("%s", command)
		}
		line, _ := c.ReadLine()
		fmt.Println(line)
	}
	// Output:
	// 220 pasv test server ready.
	// 331 Please send the password.
	// 230 Logged in.
	// 257 "/" is the current directory.
	// 221 Goodbye.
}
