// Package human writes numbers of a report the way people read them: durations,
// sizes and rates with a unit and three figures, and rows in their natural
// order.
//
// It is shared by the renderers for people (text, markdown, html); the
// renderers for programs keep to the units of the report.
//
// # Why
//
// Sizes are in powers of 1024, with the units that say so (KiB, MiB), because
// file sizes in scenarios are. Everything is ASCII: "0.25 ms" instead of
// microseconds with a Greek letter.
package human
