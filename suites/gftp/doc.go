// Package gftp holds Gomega matchers for FTP: a reply has a code, an endpoint
// advertises an address. They can say in a few words what they expect, so that
// a verdict can show it beside what was seen.
//
// Anything that needs a session, or an opinion, is for packages spec and the
// areas.
package gftp
