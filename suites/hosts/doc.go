// Package hosts holds the requirements on virtual hosts (HOST).
package hosts
