package report_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/passiveftp/pasv/report"
)

// chosen are the fields that hold words of ours or of the user, never text of
// a server.
var chosen = []string{
	".Schema", ".Tool.", ".Target.URL", ".Target.Address",
	".FailOn", ".ID", ".Title", ".Area", ".Level", ".Severity", ".Verdict", ".Source", ".Quote", ".Kind", ".Dir",
	".Load.Scenario", ".Load.Model", ".Load.LimitedBy", ".HDR", ".Phase", ".Cause", ".Want", ".Value",
	".Load.Generator.Shares", ".Load.Targets.", ".Load.Fairness.Unjudged", ".Load.Capacity.Steps.Slowest", ".Load.Capacity.Steps.LimitedBy",
	".Code", ".State", ".Way", ".Family", ".Protection", ".Dialled", ".Outcome",
}

// Every string of a report is redacted, unless it is listed as one that no
// server has a say in: a field that is added later fails here first.
func TestRedactReachesEveryString(t *testing.T) {
	const secret = "s3cret"
	var r report.Run
	stuff(reflect.ValueOf(&r).Elem(), secret)
	r.Redact(secret)
	walk(reflect.ValueOf(r), "", func(path, s string) {
		for _, c := range chosen {
			if strings.Contains(path, c) && path != ".Diagnose.Findings.Title" {
				return
			}
		}
		if strings.Contains(s, secret) {
			t.Errorf("%s is not redacted", path)
		}
	})
}

func stuff(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x " + s + " y")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		stuff(v.Elem(), s)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		stuff(v.Index(0), s)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				stuff(v.Field(i), s)
			}
		}
	}
}

func walk(v reflect.Value, path string, each func(path, s string)) {
	switch v.Kind() {
	case reflect.String:
		each(path, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), path, each)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), path, each)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), path+"."+v.Type().Field(i).Name, each)
		}
	}
}
