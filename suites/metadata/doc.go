// Package metadata holds the requirements on MDTM and SIZE.
package metadata
