// Package variants shows that nobody is accused for being unusual: every variant
// of the reference server, and every pair that a real server might have, is judged
// by the whole catalogue, and no requirement of level MUST or MUST NOT fails.
//
// It has nothing but tests. What is wrong and must be accused is for the packages
// of the areas.
package variants
