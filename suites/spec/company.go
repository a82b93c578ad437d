package spec

import "sync"

// company keeps requirements apart that are not to be judged at the same time.
type company struct {
	mu      sync.Mutex
	left    *sync.Cond
	present map[*Requirement]bool // tells whether it is to be alone
}

// enter waits until a requirement may be judged beside those that are being judged.
func (c *company) enter(r *Requirement, alone bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.present == nil {
		c.present, c.left = map[*Requirement]bool{}, sync.NewCond(&c.mu)
	}
	for !c.welcome(r, alone) {
		c.left.Wait()
	}
	c.present[r] = alone
}

func (c *company) welcome(r *Requirement, alone bool) bool {
	for other, lonely := range c.present {
		switch {
		case alone && !lonely && r.bears(other), lonely && !alone && other.bears(r), !alone && !lonely:
		default:
			return false
		}
	}
	return true
}

// leave is the end of what enter began.
func (c *company) leave(r *Requirement) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.present, r)
	c.left.Broadcast()
}

// bears tells that another requirement, which is not to be alone this time, may be
// judged beside this one, which is.
func (r *Requirement) bears(other *Requirement) bool { return r.Sturdy && other.AloneAgain }
