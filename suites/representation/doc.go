// Package representation holds the requirements on TYPE, STRU and MODE, and the line ends of text.
package representation
