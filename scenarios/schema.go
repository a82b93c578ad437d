package scenarios

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// object is a JSON Schema, or a part of one.
type object = map[string]any

// described is a type that is written otherwise in YAML than its fields are.
type described interface{ schema() object }

// Schema is the JSON Schema (draft 2020-12) of a scenario file, for editors that
// check and complete while somebody writes. It is made of the types that
// scenarios are decoded into, and knows their form; what [Parse] finds out by
// looking at several parts of a file, it does not.
func Schema() []byte {
	s := schemaOf(reflect.TypeFor[Scenario]())
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["$id"] = "https://github.com/passiveftp/pasv/scenario/v1"
	s["title"] = "pasv scenario"
	s["oneOf"] = []object{{"required": []string{"session"}}, {"required": []string{"mix"}}}
	s["$defs"] = object{"steps": stepsSchema()}
	// Strings, numbers, maps and lists always have a JSON form.
	b, _ := json.MarshalIndent(s, "", "  ")
	return append(b, '\n')
}

// schemaOf is the schema of a type.
func schemaOf(t reflect.Type) object {
	if d, ok := reflect.New(t).Interface().(described); ok {
		return d.schema()
	}
	if t.Kind() == reflect.Slice {
		return object{"type": "array", "items": schemaOf(t.Elem())}
	}
	return structSchema(t, func(reflect.StructField) bool { return true })
}

// structSchema is the schema of the fields of a struct that are wanted.
func structSchema(t reflect.Type, want func(reflect.StructField) bool) object {
	properties, must := object{}, []string{}
	for f := range settings(t) {
		if !want(f) {
			continue
		}
		key := f.Tag.Get("yaml")
		properties[key] = schemaOf(f.Type)
		if f.Tag.Get("scenario") == required {
			must = append(must, key)
		}
	}
	s := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(must) > 0 {
		s["required"] = must
	}
	return s
}

// stepsSchema is the schema of a list of steps: bare words, and mappings with
// settings.
func stepsSchema() object {
	var words []string
	kinds := []object{nil}
	for _, name := range slices.Sorted(maps.Keys(steps)) {
		step := steps[name].make()
		settings := schemaOf(reflect.TypeOf(step).Elem())
		settings["description"] = steps[name].about
		if mayBeBare(step, settings) {
			words = append(words, name)
		}
		kinds = append(kinds, entry(name, settings))
	}
	flat := entry("repeat", Count(0).schema())
	flat["properties"].(object)["steps"] = Steps(nil).schema()
	flat["required"] = []string{"repeat", "steps"}
	kinds = append(kinds, flat)
	kinds[0] = object{"enum": words}
	return object{"type": "array", "minItems": 1, "items": object{"anyOf": kinds}}
}

// mayBeBare tells whether a step means something without settings.
func mayBeBare(step Step, settings object) bool {
	_, isLaden := step.(laden)
	return !isLaden && settings["required"] == nil
}

func entry(name string, settings object) object {
	return object{"type": "object", "additionalProperties": false, "properties": object{name: settings}, "required": []string{name}}
}

func pattern(form, description string) object {
	return object{"type": "string", "pattern": form, "description": description}
}

func (Steps) schema() object { return object{"$ref": "#/$defs/steps"} }

func (Name) schema() object {
	return pattern(nameForm.String(), "lower-case letters, digits and hyphens")
}

func (Path) schema() object {
	return object{"type": "string", "minLength": 1, "maxLength": maxPath,
		"description": "a path on the server; it may hold {session}, {worker}, {iteration} and, for a set of files, {file}"}
}

func (Duration) schema() object {
	return pattern(`^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$`, "a duration like 50ms, 10s or 1m30s")
}

func (Size) schema() object {
	return object{"type": []string{"integer", "string"}, "minimum": 0, "pattern": `^[0-9.]+ ?(B|[kKMGT]B|[KMGT]iB)?$`, "description": "octets: 4096, 4KiB, 1MB"}
}

func (ByteRate) schema() object {
	return pattern(`^[0-9.]+ ?(B|[kKMGT]B|[KMGT]iB)?/s$`, "octets per second, like 1MiB/s")
}

func (Rate) schema() object { return pattern(`^[0-9.]+ ?/[sm]$`, "a rate like 50/s or 30/m") }

func (Count) schema() object { return object{"type": "integer", "minimum": 0, "maximum": maxCount} }

func (Want) schema() object {
	return pattern(wantForm.String(), "a condition like p99(data.connect) < 20ms, rate(failures) < 0.1% or throughput > 100MiB/s")
}

func (modelName) schema() object { return object{"enum": []modelName{Closed, Open, Capacity}} }

func (arrivals) schema() object { return object{"enum": []arrivals{even, poisson}} }

// schema has one alternative for each model.
func (Model) schema() object {
	of := func(name modelName) object {
		s := structSchema(reflect.TypeFor[Model](), func(f reflect.StructField) bool {
			return name.belongs(f.Tag.Get("scenario"))
		})
		s["properties"].(object)["model"] = object{"const": name}
		return s
	}
	closed, open, capacity := of(Closed), of(Open), of(Capacity)
	closed["required"] = []string{"sessions"}
	closed["oneOf"] = []object{{"required": []string{"for"}}, {"required": []string{"count"}}}
	open["required"] = []string{"model", "stages"}
	capacity["required"] = []string{"model", "to", "for"}
	return object{"oneOf": []object{closed, open, capacity}}
}

func (Need) schema() object {
	type plain Need
	return object{"anyOf": []object{{"const": needTLS}, schemaOf(reflect.TypeFor[plain]())}}
}

// digitsSchema is that of hexadecimal digits, which YAML may take for a number.
func digitsSchema(form string) object {
	return object{"type": []string{"string", "number"}, "pattern": form}
}

func (crc32cDigits) schema() object { return digitsSchema(`^[0-9a-fA-F]{8}$`) }

func (sha256Digits) schema() object { return digitsSchema(`^[0-9a-fA-F]{64}$`) }

func (verification) schema() object {
	return object{"anyOf": []object{
		{"enum": slices.Sorted(maps.Keys(verifyWords))},
		entry("crc32c", crc32cDigits("").schema()),
		entry("sha256", sha256Digits("").schema()),
	}}
}

func (codes) schema() object {
	one := object{"type": "integer", "minimum": 200, "maximum": 699}
	return object{"anyOf": []object{one, {"type": "array", "minItems": 1, "items": one}}}
}

func (offset) schema() object {
	return object{"type": []string{"integer", "string"}, "minimum": 0, "pattern": `^[0-9.]+ ?(%|B|[kKMGT]B|[KMGT]iB)?$`, "description": "octets, or a share of the file like 50%"}
}

func (think) schema() object { return Duration(0).schema() }

func (pace) schema() object { return ByteRate(0).schema() }

func (raw) schema() object { return Path("").schema() }

func (expect) schema() object {
	type plain expect
	s := schemaOf(reflect.TypeFor[plain]())
	s["minProperties"] = 1
	return s
}

func (hold) schema() object {
	type plain hold
	return object{"anyOf": []object{Duration(0).schema(), schemaOf(reflect.TypeFor[plain]())}}
}

func (choose) schema() object {
	return object{"type": "array", "minItems": 2, "items": schemaOf(reflect.TypeFor[option]())}
}
