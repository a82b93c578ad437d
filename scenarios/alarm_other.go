//go:build !linux

package scenarios

// precise makes the most precise alarm that there is.
func precise() alarm { return coarse }
