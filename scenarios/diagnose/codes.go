package diagnose

import "github.com/passiveftp/pasv/report"

// Findings that the rules know besides those of package report.
const (
	// PASVUnsupported: the server refuses PASV only.
	PASVUnsupported report.Code = "pasv-unsupported"
	// EPSVBlocked: EPSV is offered, but something in the path stops it.
	EPSVBlocked report.Code = "epsv-blocked"
	// RangePartlyFiltered: a fixed subset of the offered ports is dropped.
	RangePartlyFiltered report.Code = "range-partly-filtered"
	// RangePartlyRejected: a fixed subset of the offered ports is refused.
	RangePartlyRejected report.Code = "range-partly-rejected"
	// PoolExhausted: the server has no passive port left.
	PoolExhausted report.Code = "pool-exhausted"
	// SourceAddressMismatch: the server sees the data connection come from another address.
	SourceAddressMismatch report.Code = "source-address-mismatch"
	// TLSReuseRequired: the server demands session resumption on data connections.
	TLSReuseRequired report.Code = "tls-reuse-required"
	// TLSCertificate: the server's certificate is not acceptable.
	TLSCertificate report.Code = "tls-certificate"
)
