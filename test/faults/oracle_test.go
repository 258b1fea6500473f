package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// life is what the API server's history shows of a pod that the pull selects.
type life struct {
	uid             types.UID
	namespace, name string
	born            time.Time
	// ended is zero while the pod is there.
	ended time.Time
}

func (l life) subject() string { return l.namespace + "/" + l.name }

// told is a message about a pod, as a consumer reads it.
type told struct {
	uid types.UID
	// status is empty for a tombstone.
	status, id, subject string
}

// span is a time for which something was away.
type span struct{ from, until time.Time }

func (s span) holds(from, until time.Time) bool {
	return !from.Before(s.from) && !until.After(s.until)
}

// evidence is what a scenario has left: the API server's history, the messages of the two
// topics, and what was away when.
type evidence struct {
	// lives are in the order in which the pods were born.
	lives []life
	// details and inventory are the committed messages, in order within each key.
	details, inventory []told
	// uncommitted are all messages of the topic of details, those of aborted transactions too.
	uncommitted []told

	managerAway, kafkaAway []span
	// dying are the times right before a manager's death: what it saw then and had neither
	// published nor kept is gone with it.
	dying []span
	// forgotten are the namespaces that were deleted, and when that was asked for.
	forgotten map[string]time.Time
	// rebuilt is when Kafka was rebuilt empty; zero where it was not.
	rebuilt time.Time
}

// verdict is what the messages are found to be, compared with the history.
type verdict struct {
	// faults are the violations of what docs/events.md guarantees.
	faults []string
	// reported counts the pods whose events are as they should be. The others are not
	// reported, for one of the reasons that docs/events.md lists, or because they had ended
	// before Kafka was rebuilt.
	reported, unwatched, unkept, forgotten, outdated int
	// late counts those that might have been lost with a frozen manager, and are reported after
	// their successors.
	late int
}

func (v verdict) String() string {
	return fmt.Sprintf("%d pods are reported; %d are not, that began and ended without a manager, %d that began or ended right before one was killed, %d that were forgotten, %d that ended before Kafka was rebuilt; %d are reported late",
		v.reported, v.unwatched, v.unkept, v.forgotten, v.outdated, v.late)
}

func (v *verdict) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

// judge compares the messages with the history. It is pure.
func judge(e evidence) verdict {
	var v verdict
	known := map[types.UID]bool{}
	for _, l := range e.lives {
		known[l.uid] = true
	}
	details, inventory := byPod(e.details), byPod(e.inventory)
	for _, l := range e.lives {
		v.life(e, l, details[l.uid], inventory[l.uid])
	}
	for topic, messages := range map[string][]told{"details": e.details, "inventory": e.inventory, "details, uncommitted": e.uncommitted} {
		for _, m := range messages {
			if !known[m.uid] {
				v.fault("%s has %q of pod %s %s, which is none that the pull selects", topic, m.status, m.subject, m.uid)
			}
			if want := string(m.uid) + "." + m.status; (m.status == created || m.status == deleted) && m.id != want {
				v.fault("%s: the ce_id is %q instead of %q", topic, m.id, want)
			}
		}
	}
	v.succession(e)
	slices.Sort(v.faults)
	return v
}

const (
	created = "created"
	deleted = "deleted"
)

// life judges the messages about one pod.
func (v *verdict) life(e evidence, l life, details, inventory []told) {
	want := []string{created}
	if !l.ended.IsZero() {
		want = append(want, deleted)
	}
	onDetails, onInventory := milestones(details), milestones(inventory)
	if len(details)+len(inventory) == 0 {
		if counter := v.excuse(e, l); counter != nil {
			*counter++
			return
		}
	}
	before := len(v.faults)
	if !slices.Equal(onDetails, want) {
		v.fault("details has %v of pod %s %s instead of %v (born %s, ended %s)", onDetails, l.subject(), l.uid, want, clock(l.born), clock(l.ended))
	}
	if !l.ended.IsZero() {
		want = append(want, "")
	}
	if !slices.Equal(onInventory, want) {
		v.fault("inventory has %q of pod %s %s instead of %q (born %s, ended %s)", onInventory, l.subject(), l.uid, want, clock(l.born), clock(l.ended))
	}
	for topic, messages := range map[string][]told{"details": details, "inventory": inventory} {
		if len(messages) > 0 && messages[0].status != created {
			v.fault("%s begins with %q of pod %s %s", topic, messages[0].status, l.subject(), l.uid)
		}
		if last := len(messages) - 1; last >= 0 && !l.ended.IsZero() && messages[last].status != deleted && messages[last].status != "" {
			v.fault("%s ends with %q of pod %s %s, which has ended", topic, messages[last].status, l.subject(), l.uid)
		}
	}
	if len(v.faults) == before {
		v.reported++
	}
}

// excuse returns what counts the reason for which nothing is reported of a pod; nil where
// there is none.
func (v *verdict) excuse(e evidence, l life) *int {
	if l.ended.IsZero() {
		return nil
	}
	if !e.rebuilt.IsZero() && l.ended.Before(e.rebuilt) {
		return &v.outdated
	}
	for _, away := range e.managerAway {
		if away.holds(l.born, l.ended) {
			return &v.unwatched
		}
	}
	// One that began right before a manager was killed and ended before the next one was there.
	if covered(slices.Concat(e.managerAway, e.dying), l.born, l.ended) {
		return &v.unkept
	}
	if unannounced := slices.Concat(e.managerAway, e.kafkaAway, e.dying); !covered(unannounced, l.born, l.ended) {
		return nil
	}
	gone, ok := e.forgotten[l.namespace]
	switch {
	case away(e.dying, l.ended):
		return &v.unkept
	case ok && away(e.managerAway, gone):
		return &v.forgotten
	}
	return nil
}

func away(spans []span, at time.Time) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return s.holds(at, at) })
}

// covered returns whether there is no moment of a time that is in none of the spans: that
// one of manager and Kafka was always away, so that nothing could be announced.
func covered(spans []span, from, until time.Time) bool {
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	for _, s := range spans {
		if !s.from.After(from) && s.until.After(from) {
			from = s.until
		}
	}
	return from.After(until)
}

// succession has the end of a pod come before the beginning of the next one of its name.
func (v *verdict) succession(e evidence) {
	place := map[string]int{}
	for i, m := range e.details {
		place[string(m.uid)+m.status] = i
	}
	last := map[string]life{}
	for _, l := range e.lives {
		before, ok := last[l.subject()]
		last[l.subject()] = l
		if !ok {
			continue
		}
		end, ended := place[string(before.uid)+deleted]
		beginning, began := place[string(l.uid)+created]
		if !ended || !began || end < beginning {
			continue
		}
		// What may be lost with a manager that was frozen, it may keep when it wakes up instead: by
		// then its successor may have announced the next pod of the name.
		announced, isAnnounced := place[string(before.uid)+created]
		if isAnnounced && announced > beginning && v.excuse(e, before) == &v.unkept {
			v.late++
			continue
		}
		v.fault("details has the beginning (message %d) of pod %s %s (born %s) before the end of %s, its predecessor (born %s, message %d; ended %s, message %d)",
			beginning, l.subject(), l.uid, clock(l.born), before.uid, clock(before.born), announced, clock(before.ended), end)
	}
}

func byPod(messages []told) map[types.UID][]told {
	of := map[types.UID][]told{}
	for _, m := range messages {
		of[m.uid] = append(of[m.uid], m)
	}
	return of
}

// milestones are the statuses of messages but for those that may come any number of times.
func milestones(messages []told) []string {
	var all []string
	for _, m := range messages {
		if m.status != "updated" && m.status != "current" {
			all = append(all, m.status)
		}
	}
	return all
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format("15:04:05.000")
}

// explain is the verdict in lines, at most so many of them.
func (v verdict) explain(most int) string {
	lines := v.faults
	if len(lines) > most {
		lines = append(slices.Clone(lines[:most]), fmt.Sprintf("and %d more", len(v.faults)-most))
	}
	return strings.Join(lines, "\n")
}
