// Package minimum holds the requirements on what every server has to implement.
package minimum
