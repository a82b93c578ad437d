package ftptest

import "time"

// loadFaults show under load: a few sessions meet nothing of them, or nothing
// that is wrong in itself. No requirement is there to catch them.
var loadFaults = []Fault{
	{
		Name:  "slow-with-sessions",
		About: "Every reply comes 2 ms late for each session that is open.",
		apply: func(h *hooks) {
			h.onReply(func(s *session, _ string, _ *reply) bool {
				s.srv.mu.Lock()
				open := s.srv.open
				s.srv.mu.Unlock()
				return s.srv.sleep(time.Duration(open) * 2 * time.Millisecond)
			})
		},
	},
	KnownTempo.Fault(),
}
