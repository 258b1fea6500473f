package reconciler

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

const (
	// freeRepairs is how often a child is set right within contestWindow at once.
	freeRepairs = 5
	// contestWindow is how long nothing has to be set right for a fight to be over.
	contestWindow = time.Minute
	// RepairInterval is the least time between two repairs beyond that.
	RepairInterval = 20 * time.Second
	// maxContests bounds what is remembered: beyond it, what is over is forgotten.
	maxContests = 1024
)

// RepairLimiter paces repairs. Two clients that write one field would otherwise keep the API
// server busy for ever.
type RepairLimiter struct {
	clock clock.PassiveClock

	mu    sync.Mutex
	known map[Contested]*contest
}

// Contested names an object of one owner.
type Contested struct {
	Owner types.UID
	Kind  schema.GroupKind
	Name  cache.ObjectName
}

// contest is what is remembered of an object that was set right: what was written, how
// often, and when last. rivals tells of the fields and their other writers, once they
// were looked for.
type contest struct {
	content string
	repairs int
	last    time.Time
	rivals  *string
}

// NewRepairLimiter knows of no fight yet.
func NewRepairLimiter(clock clock.PassiveClock) *RepairLimiter {
	return &RepairLimiter{clock: clock, known: map[Contested]*contest{}}
}

func contestedBy(owner store.CustomObject, c child) Contested {
	return Contested{owner.GetUID(), c.groupKind(), c.name()}
}

// MayRepair returns nil where an object may be brought to the same content once more,
// and otherwise the error that says why not yet. rivals says what others write, and
// who; it is asked once for each fight.
func (f *RepairLimiter) MayRepair(object Contested, content string, rivals func() string) error {
	paced := f.count(object, content)
	if paced == nil {
		return nil
	}
	f.mu.Lock()
	asked := paced.rivals != nil
	f.mu.Unlock()
	if !asked {
		found := rivals()
		f.mu.Lock()
		paced.rivals = &found
		f.mu.Unlock()
	}
	return f.told(object, paced)
}

// count counts a repair and returns nil, or returns the fight for which it is too
// early.
func (f *RepairLimiter) count(object Contested, content string) *contest {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.clock.Now()
	known, ok := f.known[object]
	if !ok || known.content != content || now.Sub(known.last) > contestWindow {
		f.forget(now)
		f.known[object] = &contest{content: content, repairs: 1, last: now}
		return nil
	}
	if known.repairs >= freeRepairs && now.Sub(known.last) < RepairInterval {
		return known
	}
	known.repairs, known.last = known.repairs+1, now
	return nil
}

// MayCreate is MayRepair for an object that is not there. Only the creation of one that
// was lost is a repair: of the others nothing is remembered.
func (f *RepairLimiter) MayCreate(object Contested, content string, lost bool) error {
	f.mu.Lock()
	_, contested := f.known[object]
	f.mu.Unlock()
	if !lost && !contested {
		return nil
	}
	return f.MayRepair(object, content, func() string { return "" })
}

// Over returns the error of an object that is being fought over, although it is as
// wanted at the moment; nil where it is at peace.
func (f *RepairLimiter) Over(object Contested) error {
	f.mu.Lock()
	known, ok := f.known[object]
	fought := ok && known.repairs > freeRepairs && f.clock.Now().Sub(known.last) <= contestWindow
	f.mu.Unlock()
	if !fought {
		return nil
	}
	return f.told(object, known)
}

func (f *RepairLimiter) told(object Contested, known *contest) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	rivals := ""
	if known.rivals != nil {
		rivals = *known.rivals
	}
	repairsPaced.WithLabelValues(object.Kind.Kind).Inc()
	return outcome.Retry(xosv1.ReasonConflict,
		"%s %s is changed or deleted by another client again and again%s: it is set right a few times a minute until one of the two stops",
		object.Kind.Kind, object.Name, rivals)
}

// forget drops what is over, so that what is remembered stays bounded.
func (f *RepairLimiter) forget(now time.Time) {
	if len(f.known) < maxContests {
		return
	}
	for object, known := range f.known {
		if now.Sub(known.last) > contestWindow {
			delete(f.known, object)
		}
	}
}
