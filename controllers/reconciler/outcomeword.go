package reconciler

import (
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

func outcomeWord(o outcome.Outcome) string {
	switch o.State {
	case outcome.Ready:
		return "ready"
	case outcome.Progressing:
		return "progressing"
	case outcome.Waiting:
		return "waiting"
	case outcome.Retrying:
		return "retrying"
	case outcome.Blocked:
		return "blocked"
	case outcome.Suspended:
		return "suspended"
	default:
		return "stalled"
	}
}
