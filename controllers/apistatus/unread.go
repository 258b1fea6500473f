package apistatus

import (
	"regexp"
	"strings"
)

// How the server begins to report that it can't decode what was sent. An apply gets most of these
// as an internal error.
var (
	untyped     = regexp.MustCompile(`(?s)^failed to create typed (?:patch|live) object \([^)]*\): (.*)$`)
	unconverted = regexp.MustCompile(`(?s)^failed to convert new object \([^)]*\) to proper version: (.*)$`)
	unhandled   = regexp.MustCompile(`(?s) in version "[^"]*" cannot be handled as a [^:]*: (.*)$`)
	mistyped    = regexp.MustCompile(`cannot unmarshal (\w+)(?: \S+)? into Go (?:struct field [^.\s]+\.(\S+)|value) of type (\S+)`)
	strict      = regexp.MustCompile(`(unknown|duplicate) field "([^"]*)"`)
)

// unread names what the server can't decode: unknown fields, fields of another type, duplicate
// keys.
func (r reading) unread() (text string, ok bool) {
	if found := untyped.FindStringSubmatch(r.Message); found != nil {
		return typedFields(found[1]), true
	}
	for _, form := range []*regexp.Regexp{unconverted, unhandled} {
		if found := form.FindStringSubmatch(r.Message); found != nil {
			return undecoded(found[1]), true
		}
	}
	if strings.Contains(r.Message, "etcdserver: request is too large") || strings.Contains(r.Message, "trying to send message larger than max") {
		return tooLarge, true
	}
	return "", false
}

// undecoded returns why Go could not decode an object.
func undecoded(why string) string {
	if found := mistyped.FindStringSubmatch(why); found != nil {
		field := "the object"
		if found[2] != "" {
			field = found[2]
		}
		return field + ": expected " + found[3] + ", got " + found[1]
	}
	var fields []string
	for _, found := range strict.FindAllStringSubmatch(why, -1) {
		if found[1] == "unknown" {
			fields = append(fields, pathWithoutValues(found[2])+": "+noField)
		} else {
			fields = append(fields, pathWithoutValues(found[2])+": there twice")
		}
	}
	switch {
	case len(fields) > 0:
		return listed(fields)
	case strings.Contains(why, "illegal base64 data"):
		return "data holds what is no base64: encode it, or write a Secret's plain text as stringData"
	case strings.Contains(why, "quantit"):
		return "a quantity can't be read: write it as 500m, 2 or 1Gi"
	case strings.Contains(why, "parsing time"):
		return "a time can't be read: write it as 2006-01-02T15:04:05Z"
	}
	return "it can't be read as an object of its kind: a field has a value of another type or form"
}

const noField = "no such field in this version of the kind"

// typedFields names the fields that an apply can't convert.
func typedFields(errors string) string {
	lines := []string{errors}
	if rest, several := strings.CutPrefix(errors, "errors:\n"); several {
		lines = strings.Split(rest, "\n")
	}
	var fields []string
	for _, line := range lines {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, ".") { // the rest of a value
			continue
		}
		path, problem := cutPath(line)
		fields = append(fields, strings.TrimPrefix(pathWithoutValues(path), ".")+": "+typedProblem(problem))
	}
	if len(fields) == 0 {
		return "it can't be read as an object of its kind"
	}
	return listed(fields)
}

var (
	expected = regexp.MustCompile(`^expected ([a-z, ()]+?),? got `)
	twice    = regexp.MustCompile(`^duplicate entries for key \[(.*)\]$`)
	keyless  = regexp.MustCompile(`associative list with keys has an element that omits key field "([A-Za-z]+)"`)
	keyPair  = regexp.MustCompile(`([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^,]*)`)
)

func typedProblem(problem string) string {
	if found := expected.FindStringSubmatch(problem); found != nil {
		if found[1] == "string" {
			return "expected string: put it in quotes"
		}
		return "expected " + found[1]
	}
	if found := twice.FindStringSubmatch(problem); found != nil {
		return "there twice" + keysOf(found[1])
	}
	if found := keyless.FindStringSubmatch(problem); found != nil {
		return "an entry has no " + found[1]
	}
	if problem == "field not declared in schema" {
		return noField
	}
	return "invalid"
}

// keysOf names the entry of a list that is a duplicate, by those of its keys that name it.
func keysOf(key string) string {
	var named []string
	for _, pair := range keyPair.FindAllStringSubmatch(key, -1) {
		if namingKeys[pair[1]] {
			named = append(named, pair[1]+" "+strings.Trim(pair[2], `"`))
		}
	}
	if len(named) == 0 {
		return ""
	}
	return ", " + cut(oneLine(strings.Join(named, ", ")), longestDetail)
}

// namingKeys are keys of lists whose values name an entry.
var namingKeys = map[string]bool{
	"name": true, "containerPort": true, "port": true, "protocol": true, "mountPath": true, "devicePath": true,
	"type": true, "key": true, "topologyKey": true, "whenUnsatisfiable": true, "ip": true,
}

// cutPath splits a line after the path that it begins with: keys in the path are quoted, and may
// hold anything.
func cutPath(line string) (path, rest string) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch {
		case quoted && line[i] == '\\':
			i++
		case line[i] == '"':
			quoted = !quoted
		case !quoted && strings.HasPrefix(line[i:], ": "):
			return line[:i], line[i+2:]
		}
	}
	return line, ""
}

// valueItem matches the part of a path that is an item's value, and not a key that names it.
var valueItem = regexp.MustCompile(`\[(=?"(?:[^"\\]|\\.)*"|=?-?[0-9.]+e?[0-9]*|=true|=false)\]`)

// pathWithoutValues returns the path of a field without the values that name the items of a set.
func pathWithoutValues(path string) string {
	return cut(oneLine(valueItem.ReplaceAllStringFunc(path, func(item string) string {
		if !strings.HasPrefix(item, `["`) && !strings.HasPrefix(item, "[=") {
			return item // an index
		}
		return "[…]"
	})), longestDetail)
}
