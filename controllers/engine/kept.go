package engine

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/claims"
)

// kept tells of fields that were taken out of a declaration and stay all the same, since
// other managers hold them. Only the answer to the write shows that: afterwards nothing
// tells such a field from one that was never ours.
type kept struct {
	uid types.UID
	// applied is the fingerprint of the declaration that does not have the fields.
	applied string
	told    string
	// had is what was ours at any time since.
	had *metav1.FieldsV1
}

// noteKept compares the answer to an apply, as it came, with what was ours before.
func (n *Native[O, A]) noteKept(before, answer O) {
	name := cache.MetaObjectToName(answer)
	_, had := claimIn(before)
	_, has := claimIn(answer)
	n.mu.Lock()
	defer n.mu.Unlock()
	if last := n.kept[name]; last.uid == answer.GetUID() {
		had = claims.Union(had, last.had)
	}
	fields := claims.Kept(had, has, answer.GetManagedFields(), FieldManager)
	if len(fields) == 0 {
		delete(n.kept, name)
		return
	}
	n.kept[name] = kept{answer.GetUID(), Fingerprint(answer), ToldKept(n.Kind.Kind+" "+name.String(), fields), had}
}

// ToldKept tells a person of the fields that an object keeps.
func ToldKept(object string, fields []string) string {
	const most = 3
	if more := len(fields) - most; more > 0 {
		fields = append(fields[:most:most], fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%s keeps what is declared no longer and held by others (%s): have them give it up", object, strings.Join(fields, "; "))
}

// kept tells of what the object keeps though it is declared no longer.
func (c *Child[O, A]) kept() string {
	if !c.found || c.hash == "" {
		return ""
	}
	c.native.mu.Lock()
	defer c.native.mu.Unlock()
	if note := c.native.kept[c.key]; note.uid == c.live.GetUID() && note.applied == c.hash {
		return note.told
	}
	return ""
}
