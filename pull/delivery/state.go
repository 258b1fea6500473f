package delivery

import (
	"maps"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/lru"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// State is what is known of deliveries and not written in any object: what was
// acknowledged a moment ago, which pods have ended, who waits since when. All of
// it shrinks to nothing when nothing is owed.
type State struct {
	mu sync.Mutex
	// acknowledged is newer than any instance's status.delivery, by pod. It
	// outlives an instance that a user deletes, which so comes back without a
	// second "created".
	acknowledged map[types.UID]xosv1.Delivery
	// ended are pods that a watch saw end, in order, by the instance's name.
	ended map[cache.ObjectName][]EndedPod
	// finished are pods whose "deleted" was acknowledged, the last ones: a late
	// event of theirs must not have them announced again.
	finished *lru.Cache
	// witnessed are pods whose end a watch has shown, the last ones. That a pod
	// is missing from a cache is less: the cache may be behind.
	witnessed *lru.Cache
	// waiting says since when an instance's events have been failing.
	waiting map[cache.ObjectName]time.Time
	// held says since when an instance is kept for the sake of its event alone.
	held map[types.UID]time.Time
	// failures are those since the last success.
	failures int
}

type EndedPod struct {
	Pod *corev1.Pod
	At  time.Time
	// Selected says that the pod was inventoried when it ended. Its namespace, whose
	// labels decide on that, may be gone by the time that Kafka hears of it.
	Selected bool
}

// manyPods is more than the pods whose events can still be under way.
const manyPods = 8192

func NewState() *State {
	return &State{
		acknowledged: map[types.UID]xosv1.Delivery{},
		ended:        map[cache.ObjectName][]EndedPod{},
		finished:     lru.New(manyPods),
		witnessed:    lru.New(manyPods),
		waiting:      map[cache.ObjectName]time.Time{},
		held:         map[types.UID]time.Time{},
	}
}

// Latest is what is known to be acknowledged of a pod.
func (m *State) Latest(uid types.UID, recorded *xosv1.Delivery) *xosv1.Delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	if d, ok := m.acknowledged[uid]; ok {
		return &d
	}
	if _, done := m.finished.Get(uid); done {
		return &xosv1.Delivery{UID: uid, Announced: true, Status: xosv1.EventDeleted}
	}
	return recorded
}

// Acknowledge remembers an acknowledgement until it is recorded.
func (m *State) Acknowledge(d xosv1.Delivery) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, done := m.finished.Get(d.UID); !done {
		m.acknowledged[d.UID] = d
	}
}

// Recorded forgets an acknowledgement that is now in an instance's status.
func (m *State) Recorded(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.acknowledged, uid)
}

// Finish forgets a pod of which nothing is owed any more.
func (m *State) Finish(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.finished.Add(uid, struct{}{})
	delete(m.acknowledged, uid)
	delete(m.held, uid)
}

// PodEnded remembers the last state of a pod.
func (m *State) PodEnded(instance cache.ObjectName, pod *corev1.Pod, selected bool, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended[instance] = append(m.ended[instance], EndedPod{pod, now, selected})
}

// RecordEnded remembers a pod as its record knew it, unless its end is known better,
// or known to Kafka.
func (m *State) RecordEnded(instance cache.ObjectName, pod *corev1.Pod, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := slices.ContainsFunc(m.ended[instance], func(e EndedPod) bool { return e.Pod.UID == pod.UID })
	if _, done := m.finished.Get(pod.UID); !done && !known {
		m.ended[instance] = append(m.ended[instance], EndedPod{pod, now, true})
	}
}

// ConfirmDeleted notes that a watch has shown a pod's end.
func (m *State) ConfirmDeleted(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.witnessed.Add(uid, struct{}{})
}

// DeletionConfirmed returns whether a watch has shown a pod's end.
func (m *State) DeletionConfirmed(uid types.UID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, saw := m.witnessed.Get(uid)
	return saw
}

// EndedPods lists the ended pods of an instance of which something may be owed.
func (m *State) EndedPods(instance cache.ObjectName) []EndedPod {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prune(instance)
	return slices.Clone(m.ended[instance])
}

// LastState is an ended pod as the watch showed it last.
func (m *State) LastState(instance cache.ObjectName, uid types.UID) (EndedPod, bool) {
	for _, e := range m.EndedPods(instance) {
		if e.Pod.UID == uid {
			return e, true
		}
	}
	return EndedPod{}, false
}

// ForgetEnded drops the ended pods of an instance.
func (m *State) ForgetEnded(instance cache.ObjectName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.ended, instance)
}

// prune drops the ended pods of which nothing is owed.
func (m *State) prune(instance cache.ObjectName) {
	rest := slices.DeleteFunc(m.ended[instance], func(e EndedPod) bool {
		_, done := m.finished.Get(e.Pod.UID)
		return done
	})
	if m.ended[instance] = rest; len(rest) == 0 {
		delete(m.ended, instance)
	}
}

// HeldFor says how long an instance has been kept for its event, from the first
// question on.
func (m *State) HeldFor(uid types.UID, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	since, ok := m.held[uid]
	if !ok {
		since = now
		m.held[uid] = since
	}
	return now.Sub(since)
}

// Failed notes that an event could not be sent.
func (m *State) Failed(instance cache.ObjectName, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures++
	if _, ok := m.waiting[instance]; !ok {
		m.waiting[instance] = now
	}
}

// Succeeded notes that an event was sent, and names those who can now expect the
// same. A single failure before may have been the message's own fault, and is no
// reason to wake anybody.
func (m *State) Succeeded() []cache.ObjectName {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.failures
	m.failures = 0
	if before < 2 {
		return nil
	}
	return slices.Collect(maps.Keys(m.waiting))
}

// Failing says whether the last event could not be sent, be it this instance's
// or any, so that the next one may take its time too.
func (m *State) Failing(instance cache.ObjectName) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, waiting := m.waiting[instance]
	return waiting || m.failures > 0
}

// Settled notes that nothing is owed of an instance.
func (m *State) Settled(instance cache.ObjectName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.waiting, instance)
	m.prune(instance)
}

// OldestWait is how long the longest wait has lasted.
func (m *State) OldestWait(now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	var longest time.Duration
	for _, since := range m.waiting {
		longest = max(longest, now.Sub(since))
	}
	return longest
}
