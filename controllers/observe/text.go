package observe

import (
	"regexp"
	"strings"

	"xos.opencord.org/kubernetes-service/controllers/apistatus"
)

// How native controllers begin to report a pod, a job or a claim that the server rejected, and how
// the server begins its message: with a name that differs in each attempt.
var (
	refusedBy = regexp.MustCompile(`^(\(combined from similar events\): )?(Error creating( job)?: |Create [^:]* failed error: )?`)
	refusedAs = regexp.MustCompile(`^([A-Za-z.]+) "[^"]*" is (forbidden|invalid)`)
)

// FailedCreateReason returns why the server rejected what a native controller tried to create.
func FailedCreateReason(message string) string {
	return Brief(apistatus.RedactText(refusedAs.ReplaceAllString(refusedBy.ReplaceAllString(message, ""), "$1: $2")))
}

// longest is the maximum length of another client's message, in bytes.
const longest = 1024

// Brief returns a message as one line of a bounded length.
func Brief(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if len(message) <= longest {
		return message
	}
	return strings.ToValidUTF8(message[:longest], "") + "..." // no partial character at the end
}

// Sentence joins its non-empty parts into one message.
func Sentence(what, reason, message string) string {
	for _, part := range []string{reason, message} {
		if part != "" {
			what += ": " + part
		}
	}
	return what
}
