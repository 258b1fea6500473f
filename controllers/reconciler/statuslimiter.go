package reconciler

import (
	"time"

	"k8s.io/client-go/tools/cache"
)

// statusLimiter holds the pending progress reports of a kind's objects, and limits their rate.
// Namespaces share the rate evenly: the objects of a namespace wait for each other, and not for
// those of another one.
type statusLimiter struct {
	// until holds the earliest time of the next report about each object in progress.
	until map[cache.ObjectName]time.Time
	// shares are those of the namespaces that have such objects.
	shares map[string]*share
}

type share struct {
	// objects is the number of pending objects.
	objects int
	// spent is the time by which all reports so far would have been sent at an even rate.
	spent time.Time
}

func newStatusLimiter() *statusLimiter {
	return &statusLimiter{until: map[cache.ObjectName]time.Time{}, shares: map[string]*share{}}
}

// hold delays an object's report until a time.
func (n *statusLimiter) hold(name cache.ObjectName, now, until time.Time) {
	if _, held := n.until[name]; !held {
		s, ok := n.shares[name.Namespace]
		if !ok {
			s = &share{}
			n.shares[name.Namespace] = s
			// The burst accrues while the first report waits.
			s.spent = now.Add(time.Duration(n.burst()) * n.pace())
		}
		s.objects++
	}
	n.until[name] = until
}

// drop removes an object.
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

// accept returns whether a pending object may be reported now, and if so counts the report.
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

// queue returns how long the reports of all objects in an object's namespace take.
func (n *statusLimiter) queue(name cache.ObjectName) time.Duration {
	return time.Duration(n.shares[name.Namespace].objects) * n.pace()
}

// pace is the time between two reports of a namespace, and burst how many may be sent at once.
func (n *statusLimiter) pace() time.Duration {
	return time.Duration(len(n.shares)) * time.Second / reportRate
}
func (n *statusLimiter) burst() int { return max(1, reportBurst/len(n.shares)) }
