package engine

import (
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

const (
	// freeRepairs is how often a child is set right within fightWindow at once.
	freeRepairs = 5
	// fightWindow is how long nothing has to be set right for a fight to be over.
	fightWindow = time.Minute
	// fightPause is the least time between two repairs beyond that.
	fightPause = 20 * time.Second
	// mostFights bounds what is remembered: beyond it, what is over is forgotten.
	mostFights = 1024
)

// fightKey names a child of one owner.
type fightKey struct {
	owner types.UID
	kind  schema.GroupKind
	child cache.ObjectName
}

// fight is what is remembered of a child that was set right: what was written, how
// often, and when last. rivals tells of the fields and their other writers, once they
// were looked for.
type fight struct {
	content string
	repairs int
	last    time.Time
	rivals  *string
}

func fightOf(owner Parent, c child) fightKey {
	return fightKey{owner.GetUID(), c.groupKind(), c.name()}
}

// mayRepair returns nil where a child may be brought to the same content once more,
// and otherwise the error that says why not yet. Two clients that write one field
// would otherwise keep the API server busy for ever. rivals says what they write, and
// who; it is asked once for each fight.
func (c *controller[T]) mayRepair(key fightKey, content string, rivals func() string) error {
	paced := c.pacedFight(key, content)
	if paced == nil {
		return nil
	}
	if paced.rivals == nil {
		found := rivals()
		c.mu.Lock()
		paced.rivals = &found
		c.mu.Unlock()
	}
	return contestedBy(key, *paced.rivals)
}

// pacedFight counts a repair and returns nil, or returns the fight for which it is too
// early.
func (c *controller[T]) pacedFight(key fightKey, content string) *fight {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.opts.Clock.Now()
	f, ok := c.fights[key]
	if !ok || f.content != content || now.Sub(f.last) > fightWindow {
		c.forgetFights(now)
		c.fights[key] = &fight{content: content, repairs: 1, last: now}
		return nil
	}
	if f.repairs >= freeRepairs && now.Sub(f.last) < fightPause {
		return f
	}
	f.repairs, f.last = f.repairs+1, now
	return nil
}

// mayCreate is mayRepair for a child that is not there. Only the creation of one that
// was lost is a repair: of the others nothing is remembered.
func (c *controller[T]) mayCreate(key fightKey, content string, lost bool) error {
	c.mu.Lock()
	_, contested := c.fights[key]
	c.mu.Unlock()
	if !lost && !contested {
		return nil
	}
	return c.mayRepair(key, content, func() string { return "" })
}

// contested returns the error of a child that is being fought over, although it is
// as wanted at the moment; nil where it is at peace.
func (c *controller[T]) contested(key fightKey) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.fights[key]; ok && f.repairs > freeRepairs && c.opts.Clock.Now().Sub(f.last) <= fightWindow {
		return contestedBy(key, f.told())
	}
	return nil
}

// told is what is known of the rivals.
func (f *fight) told() string {
	if f.rivals == nil {
		return ""
	}
	return *f.rivals
}

func contestedBy(key fightKey, rivals string) error {
	repairsPaced.WithLabelValues(key.kind.Kind).Inc()
	return verdict.Retry(xosv1.ReasonConflict,
		"%s %s is changed or deleted by another client again and again%s: it is set right a few times a minute until one of the two stops", key.kind.Kind, key.child, rivals)
}

// forgetFights drops what is over, so that what is remembered stays bounded.
func (c *controller[T]) forgetFights(now time.Time) {
	if len(c.fights) < mostFights {
		return
	}
	for key, f := range c.fights {
		if now.Sub(f.last) > fightWindow {
			delete(c.fights, key)
		}
	}
}
