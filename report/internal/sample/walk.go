package sample

import (
	"reflect"

	"github.com/passiveftp/pasv/report"
)

// poison appends [Attack] to the strings of r: to free text, or to all.
func poison(r *report.Run, all bool) {
	walk(reflect.ValueOf(r).Elem(), all)
	r.Schema = report.Schema
}

// choices are the fields of type string that hold one of a few words.
var choices = map[string]bool{
	"Kind": true, "Dir": true, "Model": true, "Way": true, "Family": true, "Protection": true, "State": true,
}

func walk(v reflect.Value, all bool) {
	switch v.Kind() {
	case reflect.String:
		if all || v.Type() == reflect.TypeFor[string]() {
			v.SetString(v.String() + Attack)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), all)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), all)
		}
	case reflect.Struct:
		if v.Type().PkgPath() != reflect.TypeFor[report.Run]().PkgPath() {
			return
		}
		for i := range v.NumField() {
			if all || !choices[v.Type().Field(i).Name] {
				walk(v.Field(i), all)
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			key, value := reflect.New(k.Type()).Elem(), reflect.New(v.Type().Elem()).Elem()
			key.Set(k)
			value.Set(v.MapIndex(k))
			walk(key, all)
			walk(value, all)
			v.SetMapIndex(k, reflect.Value{})
			v.SetMapIndex(key, value)
		}
	}
}
