package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
)

func newServe() *cobra.Command {
	var listen, root, user, ports, certificate string
	var tls, implicit, verbose bool
	var faults, variants, hosts []string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the embedded server in the foreground",
		Long: `serve runs the server built into pasv until it is interrupted. It keeps to the
RFCs, unless a --fault breaks it in one named way (pasv list faults); a --variant
makes it unusual and leaves it right (pasv list variants). Without
--root it serves a small tree in memory, which uploads change and the end forgets.`,
		Example: `  pasv serve --listen :2121 --root /srv/ftp --user alice:secret --pasv-range 50000-50100
  pasv serve --fault address-private`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&listen, "listen", "127.0.0.1:2121", "listen on `ADDR` (port 0: any free port)")
	f.StringVar(&root, "root", "", "serve the directory `DIR` instead of a tree in memory")
	f.StringVar(&user, "user", "", "let in only `USER:PASSWORD`, instead of pasv and anonymous")
	f.StringVar(&ports, "pasv-range", "", "take passive ports from `A-B`")
	f.BoolVar(&tls, "tls", false, "offer AUTH TLS with a certificate made for this run")
	f.BoolVar(&implicit, "implicit", false, "speak TLS from the first octet (ftps://)")
	f.StringVar(&certificate, "ca-out", "", "write the certificate to trust to `FILE` (PEM)")
	f.StringArrayVar(&faults, "fault", nil, "break the server with the fault `NAME` (repeatable)")
	f.StringArrayVar(&variants, "variant", nil, "serve in the unusual but right way `NAME` (repeatable)")
	f.StringArrayVar(&hosts, "host", nil, "be the virtual host `NAME` (repeatable)")
	f.BoolVarP(&verbose, "verbose", "v", false, "log connections, commands and replies to stderr")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		config := ftptest.Config{Addr: listen, Implicit: implicit, LoginDelay: time.Second}
		if config.PassivePorts, err = parseRange(ports); err != nil {
			return fmt.Errorf("--pasv-range: %w", err)
		}
		if user != "" {
			name, password, ok := strings.Cut(user, ":")
			if !ok || name == "" {
				return errors.New("--user: write USER:PASSWORD")
			}
			config.Users, config.UsersOnly = map[string]string{name: password}, true
		}
		for _, name := range faults {
			fault, ok := ftptest.LookupFault(name)
			if !ok {
				return fmt.Errorf("--fault: no fault is named %q; see \"pasv list faults\"", name)
			}
			config.Faults = append(config.Faults, fault)
			// These show in nothing else.
			tls = tls || strings.HasPrefix(name, "tls-")
			if strings.HasPrefix(name, "host-") && len(hosts) == 0 {
				hosts = embeddedHosts
			}
		}
		for _, name := range variants {
			variant, ok := ftptest.LookupVariant(name)
			if !ok {
				return fmt.Errorf("--variant: no variant is named %q; see \"pasv list variants\"", name)
			}
			config.Variants = append(config.Variants, variant)
			tls = tls || strings.HasPrefix(name, "tls-")
		}
		config.Hosts = hosts
		if root != "" {
			dir, err := ftptest.Dir(root)
			if err != nil {
				return fmt.Errorf("--root: %w", err)
			}
			defer dir.Close()
			config.FS = dir
		}
		if tls || implicit {
			var pem []byte
			if config.TLS, pem, err = ftptest.SelfSigned(); err != nil {
				return err
			}
			if certificate != "" {
				if err := os.WriteFile(filepath.Clean(certificate), pem, 0o644); err != nil { //nolint:gosec // a certificate is public
					return fmt.Errorf("--ca-out: %w", err)
				}
			}
		}
		if verbose {
			config.Log = func(format string, args ...any) {
				fmt.Fprintln(cmd.ErrOrStderr(), report.Printable(fmt.Sprintf(format, args...)))
			}
		}
		server, err := ftptest.Start(config)
		if err != nil {
			return fmt.Errorf("--listen %s: %w", listen, err)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "serving on %s\n", server.URL())
		<-cmd.Context().Done()
		return server.Close()
	}
	return cmd
}

// parseRange reads A-B.
func parseRange(s string) (ftptest.Range, error) {
	if s == "" {
		return ftptest.Range{}, nil
	}
	a, b, ok := strings.Cut(s, "-")
	first, err1 := strconv.ParseUint(a, 10, 16)
	last, err2 := strconv.ParseUint(b, 10, 16)
	if !ok || err1 != nil || err2 != nil || first == 0 || first > last {
		return ftptest.Range{}, fmt.Errorf("%q is not a range of ports like 50000-50100", s)
	}
	return ftptest.Range{First: uint16(first), Last: uint16(last)}, nil
}
