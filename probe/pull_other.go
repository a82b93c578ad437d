//go:build !linux

package probe

import (
	"context"
	"io"
)

// pull reads to the end of the data.
func (c *DataConn) pull(ctx context.Context, patience *patience, w io.Writer) error {
	return c.pullPortably(ctx, patience, w)
}
