package ftptest

import "sync/atomic"

// Stats is what a server has counted since it started.
type Stats struct {
	Sessions     int64 // control connections accepted, refused ones included
	OpenSessions int64 // sessions now, refused ones not included
	Commands     int64 // command lines received

	Listeners     int64 // passive listeners opened
	OpenListeners int64 // passive listeners open now

	DataConns     int64 // data connections used by a transfer command
	OpenDataConns int64 // data connections open now
	ForeignConns  int64 // data connections refused because of their source address

	BytesIn  int64 // octets of uploads, as received
	BytesOut int64 // octets of downloads and listings, as sent
}

type counters struct {
	sessions, commands                     atomic.Int64
	listeners, openListeners               atomic.Int64
	dataConns, openDataConns, foreignConns atomic.Int64
	bytesIn, bytesOut                      atomic.Int64
}

// Stats returns the counts so far. Each number is right; they are not of one instant.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	open := s.open
	s.mu.Unlock()
	c := &s.counters
	return Stats{
		Sessions:      c.sessions.Load(),
		OpenSessions:  int64(open),
		Commands:      c.commands.Load(),
		Listeners:     c.listeners.Load(),
		OpenListeners: c.openListeners.Load(),
		DataConns:     c.dataConns.Load(),
		OpenDataConns: c.openDataConns.Load(),
		ForeignConns:  c.foreignConns.Load(),
		BytesIn:       c.bytesIn.Load(),
		BytesOut:      c.bytesOut.Load(),
	}
}
