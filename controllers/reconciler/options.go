package reconciler

import (
	"time"

	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"

	"xos.opencord.org/kubernetes-service/controllers/store"
)

// DefaultWorkers is how many objects of a kind are worked on at once where nobody
// says otherwise: so many that the API server always has the next request, as
// measured (docs/benchmarks.md).
const DefaultWorkers = 32

// Options are what a controller is run with.
type Options struct {
	// Workers is how many objects of the kind in one namespace are worked on at
	// once, and in all of them twice as many; DefaultWorkers where 0.
	Workers int
	// StatusDebounce is for how long it may go unsaid that an object is on its way or
	// waits: in most cases it is ready before, and one status says it all. One
	// second where 0, not at all where negative.
	StatusDebounce time.Duration
	// Clock is the time; the real one where nil.
	Clock clock.WithTicker
	// Shared are the caches that the plans of any kind may read, besides those of
	// what the kind refers to and owns.
	Shared []store.Cache
	// Recorder takes the Kubernetes Events; they are dropped where nil.
	Recorder events.EventRecorder
}

// orDefaults fills in what is left out.
func (o Options) orDefaults() Options {
	if o.Workers == 0 {
		o.Workers = DefaultWorkers
	}
	if o.StatusDebounce == 0 {
		o.StatusDebounce = statusDebounce
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	return o
}

// Now is the time by the options' clock.
func (o Options) Now() time.Time { return o.orDefaults().Clock.Now() }
