package apistatus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// mostFields is how many fields a text names.
	mostFields = 8
	// longestDetail and longestText bound a detail and a text, in bytes.
	longestDetail, longestText = 256, 1024
)

const (
	unchangeable = "take the change back, give the object another name, or delete it to have it recreated"
	leaveOut     = "leave them out of the spec, or have that manager give them up"
	tooLarge     = "it is larger than the server takes: spread it over several objects"
)

// reasons are what the server says of a field, in a word.
var reasons = map[metav1.CauseType]string{
	metav1.CauseTypeFieldValueInvalid:      "invalid",
	metav1.CauseTypeFieldValueNotFound:     "names what does not exist",
	metav1.CauseTypeFieldValueRequired:     "required",
	metav1.CauseTypeFieldValueDuplicate:    "there twice",
	metav1.CauseTypeFieldValueNotSupported: "not supported",
	"FieldValueForbidden":                  "forbidden",
	"FieldValueTooLong":                    "too long",
	"FieldValueTooMany":                    "too many",
	"FieldValueTypeInvalid":                "of the wrong type",
}

// markers end in front of the value that an error of a field quotes.
var markers = []string{"Invalid value: ", "Unsupported value: ", "Duplicate value: ", "Not found: "}

// plain are how an error of a field begins that quotes no value.
var plain = []string{"Required value", "Forbidden", "Too long", "Too many", "Internal error", "Invalid value", "Not found"}

// invalid tells of the fields of an object that is refused.
func (r reading) invalid() string {
	var fields []string
	fixed := false
	for _, c := range r.causes() {
		if c.Field == "" || c.Field == "<nil>" { // says that there may be more to correct
			continue
		}
		detail := detailOf(c.Message)
		if detail == "" {
			detail = r.rule(c.Message)
		}
		fixed = fixed || isFixed(detail)
		fields = append(fields, r.field(c.Field, reasonOf(c.Type), detail))
	}
	if len(fields) == 0 {
		return r.subject(" is invalid: ") + r.words()
	}
	text := r.subject(" is invalid: ") + listed(fields)
	if fixed {
		return text + ": " + unchangeable
	}
	return text
}

// rule is what the author of a custom kind says of a value that a rule of theirs does
// not allow. It stands where the value does in other errors, and may quote the value:
// only where that is known, and so hidden, it is shown.
func (r reading) rule(message string) string {
	words, invalid := strings.CutPrefix(message, "Invalid value: ")
	custom := r.Details != nil && strings.Contains(r.Details.Group, ".") && !strings.HasSuffix(r.Details.Group, ".k8s.io")
	if !invalid || !custom || r.sent == nil || valueEnd(words, ": ") >= 0 {
		return ""
	}
	return brief(words)
}

func (r reading) field(path, reason, detail string) string {
	text := pathWithoutValues(path) + ": " + reason
	if detail = r.hidden(detail); detail != "" {
		text += ", " + detail
	}
	return text
}

func reasonOf(kind metav1.CauseType) string {
	if reason, ok := reasons[kind]; ok {
		return reason
	}
	return "refused"
}

// isFixed says whether a field can't be changed in an object that exists.
func isFixed(detail string) bool {
	return fixedWords.MatchString(detail)
}

var fixedWords = regexp.MustCompile(`immutable|may not (be )?change|can(no|')t (be )?change|updates to .* are forbidden`)

// detailOf is what the error of a field says behind the value that it quotes. Where
// the end of the value can't be found, that is nothing.
func detailOf(message string) string {
	for _, marker := range markers {
		if rest, ok := strings.CutPrefix(message, marker); ok {
			end := valueEnd(rest, ": ")
			if end < 0 {
				return knownEnd(rest)
			}
			return brief(without(rest[:end], strings.TrimPrefix(rest[end:], ": ")))
		}
	}
	for _, beginning := range plain {
		if rest, ok := strings.CutPrefix(message, beginning); ok {
			if detail, ok := strings.CutPrefix(rest, ": "); ok {
				return brief(detail)
			}
			return ""
		}
	}
	return ""
}

// without is a detail in which a value that was quoted before it is not quoted again.
func without(value, detail string) string {
	if plain, err := strconv.Unquote(value); err == nil && len(plain) >= shortest && !slices.Contains(jsonTypes, plain) {
		return strings.ReplaceAll(detail, plain, "…")
	}
	return detail
}

// jsonTypes stand in place of a value that is of the wrong one.
var jsonTypes = []string{"string", "number", "integer", "boolean", "object", "array", "null"}

// knownEnd is how an error of a field often ends, where that can't be the end of the
// value.
func knownEnd(text string) string {
	for _, known := range []string{"field is immutable", "may not change once set"} {
		if strings.HasSuffix(text, ": "+known) {
			return known
		}
	}
	return ""
}

var scalar = regexp.MustCompile(`^(-?[0-9.]+(e[-+]?[0-9]+)?|true|false|null|<nil>)(: |, |\]|$)`)

// valueEnd is where a value that the server quotes ends, -1 where that can't be told.
// One of these follows it, or the end.
func valueEnd(text string, followers ...string) int {
	end := -1
	switch {
	case text == "":
		return 0
	case text[0] == '"':
		if quoted, err := strconv.QuotedPrefix(text); err == nil {
			end = len(quoted)
		}
	case text[0] == '{' || text[0] == '[':
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		var value json.RawMessage
		if decoder.Decode(&value) == nil {
			end = int(decoder.InputOffset())
		}
	default:
		if found := scalar.FindStringSubmatch(text); found != nil {
			end = len(found[1])
		}
	}
	if end < 0 || end == len(text) || slices.ContainsFunc(followers, func(f string) bool { return strings.HasPrefix(text[end:], f) }) {
		return end
	}
	return -1
}

// brief is a detail without what follows in other lines, which is a comparison of two
// objects, and without examples and expressions.
func brief(detail string) string {
	detail, _, _ = strings.Cut(detail, "\n")
	detail, _, _ = strings.Cut(detail, " (e.g. ")
	if i := strings.Index(detail, ", regex used "); i >= 0 {
		detail = detail[:i]
	}
	return cut(oneLine(detail), longestDetail)
}

// listed names the fields in one order, each once.
func listed(fields []string) string {
	slices.Sort(fields)
	fields = slices.Compact(fields)
	if more := len(fields) - mostFields; more > 0 {
		fields = append(fields[:mostFields], fmt.Sprintf("and %d more", more))
	}
	return cut(strings.Join(fields, "; "), longestText)
}

// Holders names the fields that other managers hold, and these, in one order.
func Holders(causes []metav1.StatusCause) string {
	held := make([]string, 0, len(causes))
	for _, c := range causes {
		if c.Type == "" || c.Type == metav1.CauseTypeFieldManagerConflict {
			held = append(held, pathWithoutValues(c.Field)+": "+oneLine(atTime.ReplaceAllString(c.Message, "")))
		}
	}
	return listed(held)
}

// atTime is when a manager wrote last, as a conflict tells.
var atTime = regexp.MustCompile(` at \d{4}-\d\d-\d\dT[0-9:.]+Z`)
