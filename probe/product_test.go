package probe

import (
	"strconv"
	"strings"
	"testing"
)

// said is a reply as a parser would have made it of these lines.
func said(lines ...string) Reply {
	code, _ := strconv.Atoi(lines[0][:3])
	return Reply{Code: code, Raw: strings.Join(lines, "\r\n") + "\r\n"}
}

func TestRecognizeProduct(t *testing.T) {
	welcome := said("220 Welcome to our FTP service.")
	for _, c := range []struct {
		name    string
		replies []Reply
		want    Product
	}{
		{"vsftpd", []Reply{said("220 (vsFTPd 3.0.3)")}, Product{VSFTPD, "3.0.3"}},
		{"vsftpd by its HELP", []Reply{welcome, said("214-The following commands are recognized.", " ABOR ACCT ALLO", " XPWD XRMD", "214 Help OK.")}, Product{VSFTPD, ""}},
		{"vsftpd by its HELP, version by its STAT", []Reply{welcome, said("214-The following commands are recognized.", " ABOR", "214 Help OK."),
			said("211-FTP server status:", "     vsFTPd 3.0.5 - secure, fast, stable", "211 End of status")}, Product{VSFTPD, "3.0.5"}},
		{"ProFTPD", []Reply{said("220 ProFTPD Server (Debian) [::ffff:127.0.0.1]")}, Product{ProFTPD, ""}},
		{"ProFTPD with a version", []Reply{said("220 ProFTPD 1.3.8b Server (x) [192.0.2.1]")}, Product{ProFTPD, "1.3.8b"}},
		{"ProFTPD by its HELP", []Reply{said("220 127.0.0.1 FTP server ready"),
			said("214-The following commands are recognized (* =>'s unimplemented):", " CWD     XCWD", "214 Direct comments to root@example.org")}, Product{ProFTPD, ""}},
		{"Pure-FTPd", []Reply{said("220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------", "220-You are user number 1 of 50 allowed.",
			"220 You will be disconnected after 15 minutes of inactivity.")}, Product{PureFTPd, ""}},
		{"Pure-FTPd by its HELP", []Reply{welcome, said("214-The following SITE commands are recognized", " ALIAS", " CHMOD", "214 Pure-FTPd - http://pureftpd.org/")}, Product{PureFTPd, ""}},
		{"pyftpdlib", []Reply{said("220 pyftpdlib 1.5.7 ready.")}, Product{Pyftpdlib, "1.5.7"}},
		{"pyftpdlib by its HELP", []Reply{welcome, said("214-The following commands are recognized:", " ABOR   ALLO", "214 Help command successful.")}, Product{Pyftpdlib, ""}},
		{"FileZilla Server of old", []Reply{said("220-FileZilla Server version 0.9.43 beta", "220 Please visit http://sourceforge.net/projects/filezilla/")}, Product{FileZilla, "0.9.43"}},
		{"FileZilla Server", []Reply{said("220-FileZilla Server 1.8.2", "220 Please visit https://filezilla-project.org/")}, Product{FileZilla, "1.8.2"}},
		{"FileZilla Server by its SYST", []Reply{welcome, said("215 UNIX emulated by FileZilla.")}, Product{FileZilla, ""}},
		{"IIS", []Reply{said("220 Microsoft FTP Service")}, Product{IIS, ""}},
		{"IIS 5", []Reply{said("220 srv Microsoft FTP Service (Version 5.0).")}, Product{IIS, "5.0"}},
		{"IIS by its SYST", []Reply{welcome, said("215 Windows_NT")}, Product{IIS, ""}},
		{"SFTPGo", []Reply{said("220 SFTPGo 2.0.4 ready")}, Product{SFTPGo, "2.0.4"}},
		{"SFTPGo with an underscore", []Reply{said("220 SFTPGo_2.7.6")}, Product{SFTPGo, "2.7.6"}},
		{"SFTPGo, short", []Reply{said("220 SFTPGo")}, Product{SFTPGo, ""}},
		{"ours", []Reply{said("220 pasv test server ready.")}, Product{Embedded, ""}},
		{"unknown", []Reply{welcome, said("215 UNIX Type: L8"), said("502 HELP not implemented")}, Product{}},
		{"a name inside another word", []Reply{said("220 myvsftpdish server")}, Product{}},
		{"the greeting decides", []Reply{said("220 (vsFTPd 3.0.3)"), said("215 UNIX emulated by FileZilla")}, Product{VSFTPD, "3.0.3"}},
		{"nothing", nil, Product{}},
	} {
		if got := RecognizeProduct(c.replies...); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	if got := (Product{VSFTPD, "3.0.3"}).String(); got != "vsftpd 3.0.3" {
		t.Errorf("String() = %q", got)
	}
}
