package store

import (
	"fmt"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/controllers/managedfields"
)

// KeptFields records, by the names of objects, the fields that were taken out of a
// declaration and stay nevertheless, since other managers hold them. Only the answer to
// the write shows that: afterwards nothing distinguishes such a field from one that was never
// ours. The zero value knows of none.
type KeptFields[K comparable] struct {
	mu    sync.Mutex
	notes map[K]keptNote
}

type keptNote struct {
	uid types.UID
	// applied is the fingerprint of the declaration that does not have the fields.
	applied string
	message string
	// had is what was ours at any time since.
	had *metav1.FieldsV1
}

// Note compares the answer to an apply as a manager, as it came, with what was that
// manager's before. title is what a person calls the object, applied the fingerprint of
// what was declared.
func (k *KeptFields[K]) Note(name K, title, applied, manager string, before, after *metav1.FieldsV1, answer metav1.Object) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if last := k.notes[name]; last.uid == answer.GetUID() {
		before = managedfields.Union(before, last.had)
	}
	fields := managedfields.HeldByOthers(before, after, answer.GetManagedFields(), manager)
	if len(fields) == 0 {
		delete(k.notes, name)
		return
	}
	if k.notes == nil {
		k.notes = map[K]keptNote{}
	}
	k.notes[name] = keptNote{answer.GetUID(), applied, tellKept(title, fields), before}
}

// Message is what a person has to know of an object that was brought to a declaration; empty
// where that is nothing.
func (k *KeptFields[K]) Message(name K, uid types.UID, applied string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if note := k.notes[name]; note.uid == uid && note.applied == applied {
		return note.message
	}
	return ""
}

// Forget drops what is known of an object that has ended.
func (k *KeptFields[K]) Forget(name K, uid types.UID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.notes[name].uid == uid {
		delete(k.notes, name)
	}
}

func tellKept(title string, fields []string) string {
	const most = 3
	if more := len(fields) - most; more > 0 {
		fields = append(fields[:most:most], fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%s keeps what is declared no longer and held by others (%s): have them give it up", title, strings.Join(fields, "; "))
}
