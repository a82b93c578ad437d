// Package security holds the requirements on security: bounce, guessing, injection, exhaustion.
package security
