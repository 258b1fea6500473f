// Package show shows messages of Kafka to people and programs. What a message holds is text
// of others: nothing of it reaches a terminal as a control character. Its functions are pure.
package show

import (
	"encoding/json"
	"slices"
	"strings"

	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// Statuses of messages that are no event's.
const (
	// Forgotten is the status of a tombstone.
	Forgotten = "forgotten"
	// Unreadable is that of a message that is not of ours.
	Unreadable = "unreadable"
)

// Snapshot is the kind of the begin and the end of a snapshot.
const Snapshot = "snapshot"

// View is a message, and what of it a table shows.
type View struct {
	event.Received
	Status, Kind, Namespace, Name string
	// Slices are "namespace/name" of the slices that it refers to.
	Slices    []string
	Addresses []string
}

// value has the fields of the values of both topics.
type value struct {
	Status        string            `json:"status"`
	Kind          string            `json:"kind"`
	Namespace     string            `json:"namespace"`
	Name          string            `json:"name"`
	Snapshot      string            `json:"snapshot"`
	Addresses     []string          `json:"addresses"`
	References    []event.Reference `json:"references"`
	NetInterfaces []struct {
		Addresses []string `json:"addresses"`
	} `json:"netinterfaces"`
}

// Of returns the view of a message of either topic.
func Of(m event.Received) View {
	v := View{Received: m}
	if m.Value == nil {
		v.Status = Forgotten
		if parts := strings.Split(m.Key, "/"); len(parts) == 3 { // see event.InventoryKey
			v.Kind = parts[1]
		}
		return v
	}
	var body value
	if json.Unmarshal(m.Value, &body) != nil || body.Status == "" {
		v.Status = Unreadable
		return v
	}
	v.Status, v.Kind, v.Namespace, v.Name, v.Addresses = body.Status, body.Kind, body.Namespace, body.Name, body.Addresses
	switch {
	case body.Snapshot != "":
		v.Kind, v.Name = Snapshot, body.Snapshot
	case body.Kind == "": // the topic of details, which is of pods alone
		v.Kind = string(event.Instance)
		v.Namespace, _, _ = strings.Cut(m.Header("ce_subject"), "/")
		for _, i := range body.NetInterfaces {
			v.Addresses = append(v.Addresses, i.Addresses...)
		}
	}
	for _, r := range body.References {
		if r.Kind == record.SliceKind {
			v.Slices = append(v.Slices, r.Namespace+"/"+r.Name)
		}
	}
	return v
}

// Filter chooses messages. What is empty chooses all.
type Filter struct {
	Namespace string
	// Slice is a name, or "namespace/name".
	Slice           string
	Statuses, Kinds []string
}

// Matches returns whether a message is chosen.
func (f Filter) Matches(v View) bool {
	return (f.Namespace == "" || f.Namespace == v.Namespace) && f.matchesSlice(v) &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, v.Status)) &&
		(len(f.Kinds) == 0 || slices.Contains(f.Kinds, v.Kind))
}

// matchesSlice returns whether a message is of the slice or of what refers to it.
func (f Filter) matchesSlice(v View) bool {
	if f.Slice == "" {
		return true
	}
	of := v.Slices
	if v.Kind == string(event.Slice) {
		of = append(slices.Clip(of), v.Namespace+"/"+v.Name)
	}
	return slices.ContainsFunc(of, func(full string) bool { return full == f.Slice || strings.HasSuffix(full, "/"+f.Slice) })
}
