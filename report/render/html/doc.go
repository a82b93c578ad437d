// Package html renders what was found as one HTML file that works offline and
// without scripts: a comparison of conformance runs, with one row for each
// requirement and one column for each server.
//
// # Why
//
// CI servers strip scripts from the files that they show, and a page that people
// quote has to look the same in ten years: so there is no script, no font and no
// picture from elsewhere. html/template escapes markup; control characters, which
// it lets through, are made visible before.
package html
