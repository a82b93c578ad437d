// Package restart holds the requirements on restarted transfers (REST).
package restart
