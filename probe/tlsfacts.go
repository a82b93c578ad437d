package probe

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"
)

// TLSFacts is what is known of the TLS of one connection.
type TLSFacts struct {
	// Version and CipherSuite are named by [tls.VersionName] and [tls.CipherSuiteName].
	Version, CipherSuite uint16
	// Resumed tells that an earlier session was resumed.
	Resumed bool
	// NotifySeen and NotifySent tell whether the server and the client ended TLS
	// with a close_notify (RFC 8446 §6.1). They are known when the connection is
	// closed, false before. Of an upload the client may close before the
	// server's has come.
	NotifySeen, NotifySent bool

	state tls.ConnectionState
	conf  *tls.Config
}

// TLSFacts is what is known of the control connection's TLS, nil when it is clear.
func (s *Session) TLSFacts() *TLSFacts { return factsOf(s.conn, s.tlsConfig) }

// TLSFacts is what is known of the connection's TLS, nil when it is clear.
func (c *DataConn) TLSFacts() *TLSFacts { return factsOf(c.conn, c.session.tlsConfig) }

func factsOf(conn net.Conn, conf *tls.Config) *TLSFacts {
	t, ok := conn.(*tls.Conn)
	if !ok {
		return nil
	}
	state := t.ConnectionState()
	f := &TLSFacts{Version: state.Version, CipherSuite: state.CipherSuite, Resumed: state.DidResume, state: state, conf: conf}
	if w := wireOf(conn); w != nil && w.closed.Load() {
		f.NotifySent = w.notified.Load()
		f.NotifySeen = notified(t) && !w.ended
	}
	return f
}

// notified tells whether TLS has come to its end on a closed connection: then
// reading gives io.EOF for ever, and an error of the closed socket otherwise.
func notified(t *tls.Conn) bool {
	var b [512]byte
	for {
		_, err := t.Read(b[:])
		if err != nil {
			return err == io.EOF
		}
	}
}

// String is the version and the cipher suite: "TLS 1.3 TLS_AES_128_GCM_SHA256, resumed".
func (f *TLSFacts) String() string {
	text := tls.VersionName(f.Version) + " " + tls.CipherSuiteName(f.CipherSuite)
	if f.Resumed {
		text += ", resumed"
	}
	return text
}

// Certificate is what is known of the server's certificate. The zero value
// stands for none.
func (f *TLSFacts) Certificate() CertificateFacts {
	if len(f.state.PeerCertificates) == 0 {
		return CertificateFacts{}
	}
	c := certificateFacts(f.state.PeerCertificates)
	if len(f.state.VerifiedChains) == 0 {
		c.Distrust = verify(f.state.PeerCertificates, f.conf)
	}
	return c
}

// CertificateFacts is what is known of a server's certificate.
type CertificateFacts struct {
	// Subject and Issuer are distinguished names (RFC 2253); they are the
	// server's text: escape them before they are shown.
	Subject, Issuer string
	// Names and Addresses are what the certificate is for.
	Names     []string
	Addresses []netip.Addr
	// NotBefore and NotAfter bound the time of its validity.
	NotBefore, NotAfter time.Time
	// Key is the kind and size of the public key: "RSA 2048", "ECDSA P-256", "Ed25519".
	Key string
	// Signature is how the issuer signed, for example "SHA256-RSA".
	Signature string
	// Chain is the number of certificates that the server sent.
	Chain int
	// Fingerprint is the SHA-256 of the certificate. It is the same for two
	// connections to a server that shows the same certificate on both.
	Fingerprint [sha256.Size]byte
	// Distrust is why the certificate is not trusted for the target's name, nil
	// when it is.
	Distrust error
}

// CertificateOf is what is known of the certificate for which a handshake failed.
func CertificateOf(err error) (CertificateFacts, bool) {
	var bad *tls.CertificateVerificationError
	if !errors.As(err, &bad) || len(bad.UnverifiedCertificates) == 0 {
		return CertificateFacts{}, false
	}
	c := certificateFacts(bad.UnverifiedCertificates)
	c.Distrust = bad.Err
	return c, true
}

func certificateFacts(chain []*x509.Certificate) CertificateFacts {
	leaf := chain[0]
	c := CertificateFacts{
		Subject: leaf.Subject.String(), Issuer: leaf.Issuer.String(),
		Names:     leaf.DNSNames,
		NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter,
		Key: keyName(leaf), Signature: leaf.SignatureAlgorithm.String(),
		Chain:       len(chain),
		Fingerprint: sha256.Sum256(leaf.Raw),
	}
	for _, ip := range leaf.IPAddresses {
		if addr, ok := netip.AddrFromSlice(ip); ok {
			c.Addresses = append(c.Addresses, addr.Unmap())
		}
	}
	return c
}

func keyName(c *x509.Certificate) string {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return c.PublicKeyAlgorithm.String()
}

// verify does what crypto/tls left out because it was told to.
func verify(chain []*x509.Certificate, conf *tls.Config) error {
	opts := x509.VerifyOptions{Roots: conf.RootCAs, DNSName: conf.ServerName, Intermediates: x509.NewCertPool()}
	if conf.Time != nil {
		opts.CurrentTime = conf.Time()
	}
	for _, c := range chain[1:] {
		opts.Intermediates.AddCert(c)
	}
	_, err := chain[0].Verify(opts)
	return err
}
