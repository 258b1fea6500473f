package reconciler

import (
	"time"

	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"

	"xos.opencord.org/kubernetes-service/controllers/fairqueue"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// DefaultWorkers is the default number of workers of a kind in one namespace: enough that the API
// server always has a next request, as measured (docs/benchmarks.md).
const DefaultWorkers = 32

// Options configure a controller.
type Options struct {
	// Workers is how many objects of the kind in one namespace are reconciled at once; in all
	// namespaces it is twice as many. 0 means DefaultWorkers.
	Workers int
	// StatusDebounce is for how long a status may omit that an object is progressing or waits: in
	// most cases the object is ready before, and one status write suffices. 0 means one second, a
	// negative value no delay.
	StatusDebounce time.Duration
	// Clock is the time source; nil means the real one.
	Clock clock.WithTicker
	// Shared are the caches that the plans of any kind may read, besides those of
	// what the kind refers to and owns.
	Shared []store.Cache
	// Monitor learns which passes are under way; nil means none.
	Monitor *fairqueue.Monitor
	// Recorder records Kubernetes Events; nil drops them.
	Recorder events.EventRecorder
}

// orDefaults returns the options with defaults set.
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

// Now returns the time by the options' clock.
func (o Options) Now() time.Time { return o.orDefaults().Clock.Now() }
