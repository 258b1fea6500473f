package observe

import (
	"regexp"
	"strings"

	"xos.opencord.org/kubernetes-service/controllers/apistatus"
)

// How native controllers begin to tell of a pod, a job or a claim that the
// server did not take, and how the server begins to tell them: with a name that
// is another one in each try.
var (
	refusedBy = regexp.MustCompile(`^(\(combined from similar events\): )?(Error creating( job)?: |Create [^:]* failed error: )?`)
	refusedAs = regexp.MustCompile(`^([A-Za-z.]+) "[^"]*" is (forbidden|invalid)`)
)

// FailedCreateReason is why the server did not take what a native controller tried to make.
func FailedCreateReason(message string) string {
	return Brief(apistatus.RedactText(refusedAs.ReplaceAllString(refusedBy.ReplaceAllString(message, ""), "$1: $2")))
}

// longest is how much of somebody else's message is passed on, in bytes.
const longest = 1024

// Brief is a message in one line of a bounded length.
func Brief(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if len(message) <= longest {
		return message
	}
	return strings.ToValidUTF8(message[:longest], "") + "..." // no half character at the end
}

// Sentence joins what is known into one message.
func Sentence(what, reason, message string) string {
	for _, part := range []string{reason, message} {
		if part != "" {
			what += ": " + part
		}
	}
	return what
}
