package apistatus

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	byPolicy  = regexp.MustCompile(`(?s)^(?:.*? is forbidden: )?ValidatingAdmissionPolicy '([^']*)' with binding '[^']*' denied request: (.*)$`)
	byWebhook = regexp.MustCompile(`(?s)^(?:.*? is forbidden: )?admission webhook "([^"]*)" denied the request(?:: (.*)| without explanation)$`)
	// unasked matches webhooks that the server can't reach, and converted those of a definition.
	unasked   = regexp.MustCompile(`failed calling webhook "([^"]*)"`)
	converter = regexp.MustCompile(`conversion webhook for ([^:]*?)(?:, Kind=(\w+))? failed`)
	quota     = regexp.MustCompile(`exceeded quota: ([^,]*), requested: ([^:]*), used: .*$`)
	// escalation matches the server's refusal to bind a role that the client does not hold itself.
	// The message continues with every right of the role.
	escalation = regexp.MustCompile(`(?s): user "[^"]*".*? is attempting to grant RBAC permissions not currently held.*$`)
	named      = regexp.MustCompile(`^([A-Za-z.0-9-]+ "[^"]*") is (?:forbidden|invalid): `)
	uids       = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// denial parses the denial of an admission policy or a webhook, which may have any code.
func denial(message string) (by, words string, denied bool) {
	if found := byPolicy.FindStringSubmatch(message); found != nil {
		return "ValidatingAdmissionPolicy " + found[1], found[2], true
	}
	if found := byWebhook.FindStringSubmatch(message); found != nil {
		return "admission webhook " + found[1], found[2], true
	}
	return "", "", false
}

func (r reading) denied(by, words string) string {
	text := r.subject(" is forbidden: ") + by + " denies it"
	if words != "" && !r.isSecret() { // its author's words, which may quote anything
		text += ": " + r.hidden(cut(oneLine(words), longestDetail*2))
	}
	return text + ": change the object, or have the policy changed"
}

// subject returns the server's name of the object, followed by the rest of the message.
func (r reading) subject(verb string) string {
	if found := named.FindStringSubmatch(r.Message); found != nil {
		if verb == "" {
			verb = ": "
		}
		return cut(oneLine(found[1]), longestDetail) + verb
	}
	return ""
}

// forbidden describes a lack of rights, or a refusal by an admission plugin.
func (r reading) forbidden() string {
	if escalation.MatchString(r.Message) {
		return oneLine(escalation.ReplaceAllString(r.Message, "")) + ": the manager may not bind this role. Have an administrator give it the verb bind on the ClusterRole (docs/security.md), " +
			"or take the role out of spec.roles and out of the TrustDomain's spec.allowedRoles"
	}
	rest := strings.TrimPrefix(r.Message, strings.TrimSuffix(r.subject(" is forbidden: "), ""))
	if list, ok := strings.CutPrefix(rest, "["); ok && strings.HasSuffix(list, "]") { // of a map, unordered
		limits := strings.Split(strings.TrimSuffix(list, "]"), ", m")
		for i := range limits[1:] {
			limits[i+1] = "m" + limits[i+1]
		}
		slices.Sort(limits)
		rest = strings.Join(limits, "; ")
	}
	if found := quota.FindStringSubmatch(rest); found != nil {
		return r.subject(" is forbidden: ") + "exceeded quota: " + found[1] + " (" + resourcesOf(found[2]) + "): make do with less, or have the quota raised"
	}
	rest, _, _ = strings.Cut(rest, ": RBAC: ")
	return r.hidden(cut(r.subject(" is forbidden: ")+oneLine(rest), longestText))
}

// resourcesOf removes the amounts, which differ between attempts.
func resourcesOf(amounts string) string {
	var names []string
	for _, amount := range strings.Split(amounts, ",") {
		name, _, _ := strings.Cut(amount, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (r reading) notFound() string {
	if strings.HasPrefix(r.Message, "the server could not find the requested resource") {
		return "the server does not serve this kind in this version"
	}
	return r.words()
}

func (r reading) conflict() string {
	text, _, _ := strings.Cut(r.Message, "; please apply your changes")
	if strings.Contains(text, "Precondition failed") || strings.Contains(text, "StorageError") {
		text, _, _ = strings.Cut(text, "Precondition failed")
		text, _, _ = strings.Cut(text, "StorageError")
		text += "it changed meanwhile"
	}
	return r.hidden(cut(oneLine(text), longestText))
}

// failed describes a failing server, in a text that does not differ between attempts.
func (r reading) failed() string {
	if found := unasked.FindStringSubmatch(r.Message); found != nil {
		return "admission webhook " + found[1] + ", which the server has to ask first, does not answer: trying again until it is back, or its configuration is deleted"
	}
	if found := converter.FindStringSubmatch(r.Message); found != nil {
		return "the conversion webhook of " + strings.TrimSpace(found[1]+" "+found[2]) + ", which the server needs to read it, does not answer: trying again until it is back"
	}
	return r.words()
}

// words returns the server's own message, without the values that it quotes.
func (r reading) words() string {
	return r.hidden(cut(RedactText(withoutOwnPort(strings.TrimPrefix(r.Message, r.subject(" is invalid: ")))), longestText))
}

// RedactText removes the values, and everything after the first line, from a server's message that
// another client passes on.
func RedactText(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	for _, marker := range markers {
		shown, rest := "", text
		for {
			before, behind, found := strings.Cut(rest, marker)
			if shown += before; !found {
				break
			}
			shown += strings.TrimSuffix(marker, ": ")
			end := valueEnd(behind, ": ", ", ", "]")
			if end < 0 { // its end is unknown
				return oneLine(shown)
			}
			rest = behind[end:]
		}
		text = shown
	}
	return oneLine(uids.ReplaceAllString(text, "…"))
}

// withoutOwnPort removes the local address of a connection: its port differs between attempts.
func withoutOwnPort(text string) string {
	if i := strings.Index(text, "->"); i >= 0 {
		if j := strings.LastIndex(text[:i], " "); j >= 0 {
			text = text[:j+1] + text[i+2:]
		}
	}
	return text
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// cut truncates a text to a number of bytes.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}

// hidden returns a text without the values that were sent.
func (r reading) hidden(text string) string {
	values := valuesOf(r.sent)
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) }) // the whole before its parts
	for _, value := range values {
		text = strings.ReplaceAll(text, value, "…")
	}
	return text
}

// shortest is the minimum length of a value that could be a secret.
const shortest = 6

// valuesOf returns the texts in an object that do not name anything.
func valuesOf(object map[string]any) []string {
	var all []string
	for key, value := range object {
		switch key {
		case "metadata":
		case "data", "stringData", "binaryData":
			all = appendValues(all, value, func(string) bool { return false })
		default:
			all = appendValues(all, map[string]any{key: value}, naming.MatchString)
		}
	}
	return all
}

func appendValues(all []string, value any, shown func(key string) bool) []string {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			if _, text := child.(string); !text || !shown(key) {
				all = appendValues(all, child, shown)
			}
		}
	case []any:
		for _, child := range value {
			all = appendValues(all, child, shown)
		}
	case string:
		if len(value) < shortest {
			break
		}
		all = append(all, oneLine(value))
		if plain, err := base64.StdEncoding.DecodeString(value); err == nil && len(plain) >= shortest && utf8.Valid(plain) {
			all = append(all, oneLine(string(plain)))
		}
	}
	return all
}

// naming are the keys of fields that name something, which a message may name too.
var naming = regexp.MustCompile(`(?i)(name|kind|apiVersion|image|type|policy|class|namespace|protocol|key|path)$`)
