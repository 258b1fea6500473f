package manifest

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Result is what a pass came to for one object.
type Result struct {
	ID         ID
	APIVersion string
	UID        types.UID
	Health     xosv1.Health
	// Message says what is missing.
	Message string
	// ExpiresAs identifies the text of a Job that the cluster deletes once it has ended.
	ExpiresAs string
	// Err is why the object could not be applied or pruned.
	Err error
	// Pruned says that the object is declared no longer and on its way out;
	// Kept, that it is declared no longer and stays for now.
	Pruned, Kept bool
}

// Failed is a result that keeps what was known of the object before.
func Failed(entry xosv1.InventoryEntry, err error) Result {
	result := FromEntry(entry)
	if result.Health == "" {
		result.Health = xosv1.HealthUnknown
	}
	result.Err = err
	return result
}

// FromEntry is the result that an inventory entry tells of.
func FromEntry(entry xosv1.InventoryEntry) Result {
	return Result{ID: IDOf(entry), APIVersion: entry.APIVersion, UID: entry.UID, Health: entry.Health, Message: entry.Message, ExpiresAs: entry.ExpiresAs}
}

// Entry is the inventory entry that tells of a result.
func (r Result) Entry() xosv1.InventoryEntry {
	message := r.Message
	if r.Err != nil {
		message = r.Err.Error()
	}
	return xosv1.InventoryEntry{
		APIVersion: r.APIVersion, Kind: r.ID.Kind, Namespace: r.ID.Namespace, Name: r.ID.Name,
		UID: r.UID, Health: r.Health, Message: cut(message), ExpiresAs: r.ExpiresAs,
	}
}

// Done is the result of a Job that the cluster has deleted, or is about to. One that was
// seen to fail has failed for good.
func (r Result) Done() Result {
	if r.Health != xosv1.HealthFailed {
		r.Health, r.Message = xosv1.HealthCurrent, "has ended, and was deleted as its ttlSecondsAfterFinished says"
	}
	return r
}

// cut shortens a message to what the CRD takes, which counts characters.
func cut(message string) string {
	if characters := []rune(strings.ToValidUTF8(message, "")); len(characters) > maxMessage {
		return string(characters[:maxMessage-1]) + "…"
	}
	return strings.ToValidUTF8(message, "")
}

// Outcome is what a pass came to as a whole. What failed decides, then what is
// still on its way; each object concerned is named. wait says whether readiness
// counts, unwatched which kinds are only looked at from time to time.
func Outcome(results []Result, wait bool, unwatched []string) outcome.Outcome {
	var errs []error
	var failed, underway, leaving, remarks []string
	declared, wrong := 0, 0
	for _, r := range results {
		switch {
		case r.Err != nil:
			errs = append(errs, r.Err)
		case r.Pruned:
			leaving = append(leaving, held([]Result{r})...)
		case r.Kept:
		case r.Health == xosv1.HealthFailed:
			failed = append(failed, describe(r))
		case r.Health != xosv1.HealthCurrent:
			underway = append(underway, describe(r))
		case r.Message != "":
			remarks = append(remarks, describe(r))
		}
		if !r.Pruned && !r.Kept {
			declared++
			if r.Err != nil {
				wrong++
			}
		}
	}
	if reached, ok := outcome.FromErrors(errs...); ok {
		if worked := declared - wrong; worked > 0 {
			reached.Message += fmt.Sprintf("; the other %s", wentWell(worked))
		}
		return reached
	}
	switch {
	case wait && len(failed) > 0:
		return outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonFailed, Message: list(failed)}
	case wait && len(underway) > 0:
		return outcome.InProgress("%s", list(underway))
	case len(leaving) > 0:
		return outcome.InProgress("%s: being deleted, declared no longer", list(leaving))
	}
	message := fmt.Sprintf("%d resources are as declared", declared)
	if declared == 1 {
		message = "the resource is as declared"
	}
	if len(remarks) > 0 {
		message += "; " + list(remarks)
	}
	if len(unwatched) > 0 {
		message += fmt.Sprintf("; the principal may not watch %s, so a change by another client is found late", list(unwatched))
	}
	return outcome.Succeeded("%s", message)
}

func wentWell(count int) string {
	if count == 1 {
		return "one went well"
	}
	return fmt.Sprintf("%d went well", count)
}

func describe(r Result) string {
	if r.Message == "" {
		return fmt.Sprintf("%s: %s", r.ID, r.Health)
	}
	return fmt.Sprintf("%s: %s", r.ID, r.Message)
}

// list names the first few of many.
func list(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(names[:most], "; "), len(names)-most)
}

// Names names the objects of results, or the first few of many.
func Names(results []Result) string {
	ids := make([]ID, len(results))
	for i, r := range results {
		ids[i] = r.ID
	}
	return listIDs(ids)
}

func listIDs(ids []ID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
	}
	return list(names)
}

// LeftBehind tells a person of objects that could not be deleted.
func LeftBehind(lost []ID) string {
	return fmt.Sprintf("%d resources stay where they are, since nobody has the rights to delete them any more: delete them by hand: %s", len(lost), listIDs(lost))
}

// Released tells a person of objects that a blob declares no longer and does not prune.
func Released(released []ID) string {
	return fmt.Sprintf("%d resources are declared no longer and given up, since spec.prune is false: another resource instance with adopt: IfUnowned can have them: %s",
		len(released), listIDs(released))
}

// LeftMarked tells a person of orphans that keep our marks.
func LeftMarked(lost []ID) string {
	return fmt.Sprintf("%d resources stay, as spec.deletionPolicy says, and keep the annotations of XOS, which do no harm: there are no rights to take them off: %s", len(lost), listIDs(lost))
}

// Finalizing is the outcome of a pass over an object that is being deleted.
func Finalizing(left []Result, errs []error) outcome.Outcome {
	if reached, ok := outcome.FromErrors(errs...); ok {
		reached.Message += "; what can't be deleted stays where it is if spec.deletionPolicy is set to Orphan"
		return reached
	}
	return outcome.Outcome{State: outcome.Progressing, Reason: xosv1.ReasonTerminating,
		Message: fmt.Sprintf("%d resources are still there: %s", len(left), list(held(left)))}
}

// held names objects that are on their way out, each with what holds it.
func held(left []Result) []string {
	names := make([]string, len(left))
	for i, r := range left {
		if names[i] = r.ID.String(); r.Health == xosv1.HealthTerminating && r.Message != "" {
			names[i] += ", " + r.Message
		}
	}
	return names
}
