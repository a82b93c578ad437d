package junit

import (
	"encoding/xml"
	"strconv"

	"github.com/passiveftp/pasv/report"
)

// text is character data from anywhere; it is made fit for XML when it is written.
type text string

// MarshalText implements [encoding.TextMarshaler], for attributes and elements alike.
func (t text) MarshalText() ([]byte, error) { return []byte(report.XML(string(t))), nil }

// seconds is a duration as JUnit has it: a decimal number of seconds.
type seconds float64

// MarshalText implements [encoding.TextMarshaler].
func (s seconds) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(s), 'f', 6, 64), nil
}

// totals are the counts that suites and their sum carry.
type totals struct {
	Tests    int     `xml:"tests,attr"`
	Failures int     `xml:"failures,attr"`
	Errors   int     `xml:"errors,attr"`
	Skipped  int     `xml:"skipped,attr"`
	Time     seconds `xml:"time,attr"`
}

type document struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    text     `xml:"name,attr"`
	totals
	Suites []*suite `xml:"testsuite"`
}

type suite struct {
	Name text `xml:"name,attr"`
	totals
	Timestamp  string     `xml:"timestamp,attr"`
	Properties []property `xml:"properties>property"`
	Cases      []testcase `xml:"testcase"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value text   `xml:"value,attr"`
}

type testcase struct {
	Name    text     `xml:"name,attr"`
	Class   text     `xml:"classname,attr"`
	Time    seconds  `xml:"time,attr"`
	Failure *problem `xml:"failure"`
	Error   *problem `xml:"error"`
	Skipped *skipped `xml:"skipped"`
	Output  *output  `xml:"system-out"`
}

type problem struct {
	Message text `xml:"message,attr"`
	Type    text `xml:"type,attr"`
	Body    text `xml:",cdata"`
}

type skipped struct {
	Message text `xml:"message,attr"`
}

type output struct {
	Body text `xml:",cdata"`
}

// add appends a test case and counts it.
func (s *suite) add(c testcase) {
	c.Class = "pasv." + s.Name
	s.Tests++
	s.Time += c.Time
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// passed is the output of a test case that did, nil when there is nothing to say.
func passed(body string) *output {
	if body == "" {
		return nil
	}
	return &output{text(body)}
}
