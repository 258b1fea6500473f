package reconciler

import (
	"time"

	"k8s.io/client-go/tools/cache"
)

// statusLimiter is what is held back of the progress of a kind's objects, and how much of
// it may be told. Namespaces share that evenly: of a thousand objects in one, its
// own wait for each other, and those of another one do not.
type statusLimiter struct {
	// until holds, for each object on its way, when it may be said at the
	// earliest how far it is.
	until map[cache.ObjectName]time.Time
	// shares are those of the namespaces that have such objects.
	shares map[string]*share
}

type share struct {
	// objects is how many are held back.
	objects int
	// spent is when all that was told so far would have been told at an even pace.
	spent time.Time
}

func newStatusLimiter() *statusLimiter {
	return &statusLimiter{until: map[cache.ObjectName]time.Time{}, shares: map[string]*share{}}
}

// hold has an object wait until a time.
func (n *statusLimiter) hold(name cache.ObjectName, now, until time.Time) {
	if _, held := n.until[name]; !held {
		s, ok := n.shares[name.Namespace]
		if !ok {
			s = &share{}
			n.shares[name.Namespace] = s
			// What may be told at once is saved up while the first one waits.
			s.spent = now.Add(time.Duration(n.burst()) * n.pace())
		}
		s.objects++
	}
	n.until[name] = until
}

// drop forgets an object.
func (n *statusLimiter) drop(name cache.ObjectName) {
	if _, held := n.until[name]; !held {
		return
	}
	delete(n.until, name)
	if s := n.shares[name.Namespace]; s.objects > 1 {
		s.objects--
	} else {
		delete(n.shares, name.Namespace)
	}
}

// accept says whether there is room for news of an object that is held back, and
// takes it.
func (n *statusLimiter) accept(name cache.ObjectName, now time.Time) bool {
	s := n.shares[name.Namespace]
	spent := s.spent
	if spent.Before(now) {
		spent = now
	}
	if spent.Sub(now) > time.Duration(n.burst()-1)*n.pace() {
		return false
	}
	s.spent = spent.Add(n.pace())
	return true
}

// queue is how long it takes to tell of all in an object's namespace.
func (n *statusLimiter) queue(name cache.ObjectName) time.Duration {
	return time.Duration(n.shares[name.Namespace].objects) * n.pace()
}

// pace is the time between two news of a namespace, and burst how many it may
// have at once.
func (n *statusLimiter) pace() time.Duration {
	return time.Duration(len(n.shares)) * time.Second / reportRate
}
func (n *statusLimiter) burst() int { return max(1, reportBurst/len(n.shares)) }
