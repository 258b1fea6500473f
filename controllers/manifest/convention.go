package manifest

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The conventions of a status are what kstatus reads: observedGeneration is a number, conditions
// are a list of objects with a type and a status. A definition may allow anything else, and some
// operators write it. What can be read is read; the rest is left out, since it is no reason to
// report a resource as not ready for ever.

// conventional returns an object with a status that kstatus can read: the object itself, if it
// can, or a copy. unread names the fields that were left out.
func conventional(object *unstructured.Unstructured) (_ *unstructured.Unstructured, unread []string) {
	had, given := object.Object["status"]
	if !given {
		return object, nil
	}
	status, ok := had.(map[string]any)
	if !ok {
		return withStatus(object, nil), []string{"status"}
	}
	read := maps.Clone(status)
	changed := false
	if observed, given := status["observedGeneration"]; given {
		if _, number := observed.(int64); !number {
			changed = true
			if n, ok := number64(observed); ok {
				read["observedGeneration"] = n
			} else {
				delete(read, "observedGeneration")
				unread = append(unread, "status.observedGeneration")
			}
		}
	}
	if conditions, given := status["conditions"]; given && !wellFormed(conditions) {
		changed = true
		list, all := readConditions(conditions)
		if read["conditions"] = list; !all {
			unread = append(unread, "status.conditions")
		}
	}
	if !changed {
		return object, nil
	}
	return withStatus(object, read), unread
}

func withStatus(object *unstructured.Unstructured, status map[string]any) *unstructured.Unstructured {
	content := maps.Clone(object.Object)
	if content["status"] = status; status == nil {
		delete(content, "status")
	}
	return &unstructured.Unstructured{Object: content}
}

// number64 parses a whole number, also from text.
func number64(v any) (int64, bool) {
	switch v := v.(type) {
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		return n, err == nil
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	}
	return 0, false
}

// conditionFields are the texts of a condition that kstatus reads.
var conditionFields = []string{"type", "status", "reason", "message"}

func wellFormed(conditions any) bool {
	list, ok := conditions.([]any)
	return ok && !slices.ContainsFunc(list, func(c any) bool {
		condition, ok := c.(map[string]any)
		return !ok || slices.ContainsFunc(conditionFields, func(field string) bool {
			value, given := condition[field]
			_, text := value.(string)
			return given && !text
		})
	})
}

// readConditions reads what can be read of conditions that do not follow the conventions: a list
// in part, or a map by type. all reports that nothing was left out.
func readConditions(conditions any) (list []any, all bool) {
	list, all = []any{}, true
	add := func(kind string, value any) {
		condition, ok := readCondition(kind, value)
		if all = all && ok; ok {
			list = append(list, condition)
		}
	}
	switch given := conditions.(type) {
	case nil:
	case []any:
		for _, value := range given {
			add("", value)
		}
	case map[string]any:
		for _, kind := range slices.Sorted(maps.Keys(given)) {
			add(kind, given[kind])
		}
	default:
		all = false
	}
	return list, all
}

// readCondition reads one condition: its fields, or its status alone. kind is its type if that is
// not among the fields.
func readCondition(kind string, value any) (map[string]any, bool) {
	fields, ok := value.(map[string]any)
	if !ok {
		fields = map[string]any{"status": value}
	}
	status, ok := truth(fields["status"])
	if own, given := fields["type"].(string); given {
		kind = own
	}
	if !ok || kind == "" {
		return nil, false
	}
	read := map[string]any{"type": kind, "status": status}
	for _, field := range []string{"reason", "message"} {
		if text, ok := fields[field].(string); ok {
			read[field] = text
		}
	}
	return read, true
}

// truth returns a condition's status, also if it is written as a boolean.
func truth(v any) (string, bool) {
	if b, ok := v.(bool); ok {
		v = strconv.FormatBool(b)
	}
	text, _ := v.(string)
	for _, status := range []string{"True", "False", "Unknown"} {
		if strings.EqualFold(text, status) {
			return status, true
		}
	}
	return "", false
}
