// Package variants shows that nobody is accused for being unusual: every variant
// of the reference server, and some that come together in the field, is judged by
// every requirement that can fail, and none does.
//
// It has nothing but tests. What is wrong and must be accused is for the packages
// of the areas.
package variants
