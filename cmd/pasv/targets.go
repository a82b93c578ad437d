package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/scenarios"
)

// aim are the flags that say how a load is spread over several targets.
type aim struct {
	weights      []int
	allAddresses bool

	destinations []scenarios.Destination
}

func (a *aim) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntSliceVar(&a.weights, "weight", nil, "shares of several targets in the sessions, in their order (`N,N,…`; all the same without)")
	f.BoolVar(&a.allAddresses, "all-addresses", false, "let sessions take turns among all addresses of a target's name")
}

// read makes destinations of the targets, if there are several.
func (a *aim) read(c *common, urls []string) error {
	switch {
	case a.weights != nil && len(a.weights) != len(urls):
		return fmt.Errorf("--weight has %d numbers, and there are %d targets", len(a.weights), len(urls))
	case len(urls) > scenarios.MaxTargets:
		return fmt.Errorf("%d targets are too many, %d is the most", len(urls), scenarios.MaxTargets)
	case len(urls) < 2:
		return nil
	}
	for i, url := range urls {
		t, err := c.target(url)
		if err != nil {
			return err
		}
		d := scenarios.Destination{Target: t, Weight: 1}
		if a.weights != nil {
			if d.Weight = a.weights[i]; d.Weight < 1 || d.Weight > scenarios.MaxWeight {
				return fmt.Errorf("--weight: %d is not between 1 and %d", d.Weight, scenarios.MaxWeight)
			}
		}
		a.destinations = append(a.destinations, d)
	}
	return nil
}
