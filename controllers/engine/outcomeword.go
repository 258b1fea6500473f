package engine

import (
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

func outcomeWord(o verdict.Outcome) string {
	switch o.State {
	case verdict.Ready:
		return "ready"
	case verdict.Progressing:
		return "progressing"
	case verdict.Waiting:
		return "waiting"
	case verdict.Retrying:
		return "retrying"
	case verdict.Blocked:
		return "blocked"
	case verdict.Suspended:
		return "suspended"
	default:
		return "stalled"
	}
}
