package audit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// Fault is how the inventory and the cluster disagree about an entity.
type Fault string

// The faults.
const (
	// Missing: it is in the cluster, and Kafka was not told.
	Missing Fault = "missing"
	// Gone: it is not in the cluster, and Kafka was not told its end.
	Gone Fault = "gone"
	// Different: Kafka was told something else than the cluster shows.
	Different Fault = "different"
)

// Finding is a disagreement.
type Finding struct {
	Fault
	event.ID
	// Name is "namespace/name", or the name alone.
	Name string
	// Fields says of a Different which fields differ, and how.
	Fields []string
	// told identifies what Kafka was told.
	told event.Fingerprint
}

// String returns a line without its end. It may hold any character.
func (f Finding) String() string {
	line := fmt.Sprintf("%s %s (%s)", f.Kind, f.Name, f.UID)
	switch f.Fault {
	case Missing:
		return "missing: " + line + " is in the cluster, and Kafka was not told"
	case Gone:
		return "gone: " + line + " is not in the cluster, and Kafka was not told its end"
	default:
		return "different: " + line + ": " + strings.Join(f.Fields, "; ")
	}
}

// Compare returns where what Kafka was told and what a cluster shows disagree, ordered.
func Compare(told *Told, seen map[event.ID]Seen) []Finding {
	var found []Finding
	for id, now := range seen {
		last, known := told.entities[id]
		switch {
		case !now.Selected:
		case !known:
			found = append(found, Finding{Fault: Missing, ID: id, Name: now.Subject()})
		case last.InventoryFingerprint() != now.InventoryFingerprint():
			found = append(found, Finding{Fault: Different, ID: id, Name: now.Subject(), Fields: differences(last, now.Entity), told: last.InventoryFingerprint()})
		}
	}
	for id, last := range told.entities {
		if _, there := seen[id]; !there {
			found = append(found, Finding{Fault: Gone, ID: id, Name: last.Subject(), told: last.InventoryFingerprint()})
		}
	}
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(event.Kinds, a.Kind), slices.Index(event.Kinds, b.Kind)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.UID, b.UID))
	})
	return found
}

// Remaining returns the findings of a later comparison that an earlier one has made as well,
// and of which Kafka was told nothing in between. Other events were on their way.
func Remaining(earlier, later []Finding) []Finding {
	type same struct {
		fault Fault
		id    event.ID
		told  event.Fingerprint
	}
	before := map[same]bool{}
	for _, f := range earlier {
		before[same{f.Fault, f.ID, f.told}] = true
	}
	return slices.DeleteFunc(slices.Clone(later), func(f Finding) bool { return !before[same{f.Fault, f.ID, f.told}] })
}

// differences says in which fields entities differ.
func differences(told, shown event.Entity) []string {
	var found []string
	for _, f := range []struct {
		name        string
		told, shown any
	}{
		{"name", told.Subject(), shown.Subject()},
		{"labels", told.Labels, shown.Labels},
		{"addresses", told.Addresses, shown.Addresses},
		{"references", told.References, shown.References},
		{"image", told.Image, shown.Image},
		{"node", told.Node, shown.Node},
	} {
		was, is := encode(f.told), encode(f.shown)
		if was != is {
			found = append(found, fmt.Sprintf("%s: Kafka was told %s, the cluster shows %s", f.name, was, is))
		}
	}
	return found
}

// encode returns a value as the inventory has it: what is empty is not there.
func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	switch string(text) {
	case "null", "{}", "[]", `""`:
		return "nothing"
	}
	return string(text)
}
