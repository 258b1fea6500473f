package chaos

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/test/inprocess"
)

// crew are the managers that are at work in this process.
type crew struct {
	t      *testing.T
	config *rest.Config
	hands  []*hand
	begun  int
	// dir takes the managers' logs where the walk fails.
	dir string
}

// hand is a manager with what is done to its requests.
type hand struct {
	*inprocess.Manager
	name string

	mu sync.Mutex
	// faults meet the next writes, one each.
	faults []func(inprocess.Request) inprocess.Fault
	// frozen is closed when the manager is let go on; nil where it is at work.
	frozen chan struct{}

	dead   chan struct{}
	ending sync.Once
}

// start has another manager work.
func (c *crew) start() *hand {
	c.t.Helper()
	c.begun++
	m, err := inprocess.Run(c.config)
	require.NoError(c.t, err)
	h := &hand{Manager: m, name: fmt.Sprintf("manager-%d", c.begun), dead: make(chan struct{})}
	h.Intercept(c.t, h.meet)
	c.hands = append(c.hands, h)
	if c.dir == "" {
		c.dir = c.t.ArtifactDir()
	}
	c.t.Cleanup(func() { h.keepLog(c.t, c.dir) })
	c.t.Cleanup(h.kill)
	return h
}

// meet decides what becomes of a request.
func (h *hand) meet(r inprocess.Request) inprocess.Fault {
	h.mu.Lock()
	frozen := h.frozen
	var fault func(inprocess.Request) inprocess.Fault
	if r.Mutates() && len(h.faults) > 0 {
		fault, h.faults = h.faults[0], h.faults[1:]
	}
	h.mu.Unlock()
	if frozen != nil {
		select {
		case <-frozen:
		case <-h.dead:
			return inprocess.Drop{}
		}
	}
	if fault != nil {
		return fault(r)
	}
	return nil
}

// kill ends the manager as a crash does.
func (h *hand) kill() {
	h.ending.Do(func() { close(h.dead) })
	h.Stop()
}

func (h *hand) freeze() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.frozen == nil {
		h.frozen = make(chan struct{})
	}
}

// thaw lets the manager go on: what it had decided before is sent now.
func (h *hand) thaw() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.frozen != nil {
		close(h.frozen)
		h.frozen = nil
	}
}

// strike has faults meet the next writes.
func (h *hand) strike(r *rand.Rand, count int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for range count {
		h.faults = append(h.faults, faults[r.IntN(len(faults))](h, r.Uint64()))
	}
}

// faults make the fault of a request.
var faults = []func(h *hand, number uint64) func(inprocess.Request) inprocess.Fault{
	func(*hand, uint64) func(inprocess.Request) inprocess.Fault {
		return func(inprocess.Request) inprocess.Fault { return inprocess.LoseAnswer{} }
	},
	func(*hand, uint64) func(inprocess.Request) inprocess.Fault {
		return func(inprocess.Request) inprocess.Fault { return inprocess.Drop{} }
	},
	func(_ *hand, number uint64) func(inprocess.Request) inprocess.Fault {
		return func(r inprocess.Request) inprocess.Fault {
			return inprocess.Refuse{Err: refusals[number%uint64(len(refusals))](r)}
		}
	},
	func(h *hand, number uint64) func(inprocess.Request) inprocess.Fault {
		return func(inprocess.Request) inprocess.Fault {
			select {
			case <-time.After(time.Duration(number%1500) * time.Millisecond):
			case <-h.dead:
			}
			return nil
		}
	},
}

var refusals = []func(inprocess.Request) *apierrors.StatusError{
	func(inprocess.Request) *apierrors.StatusError {
		return apierrors.NewInternalError(http.ErrHandlerTimeout)
	},
	func(inprocess.Request) *apierrors.StatusError {
		return apierrors.NewServiceUnavailable("the walk says so")
	},
	func(r inprocess.Request) *apierrors.StatusError {
		return apierrors.NewConflict(schema.GroupResource{Resource: r.Resource}, r.Name, http.ErrHandlerTimeout)
	},
	func(inprocess.Request) *apierrors.StatusError {
		return apierrors.NewTimeoutError("the walk says so", 0)
	},
}

// keepLog writes the manager's log beside the test's artifacts where the walk failed.
func (h *hand) keepLog(t *testing.T, dir string) {
	if !t.Failed() {
		return
	}
	path := filepath.Join(dir, h.name+".log")
	if err := os.WriteFile(path, []byte(h.Log()), 0o600); err != nil {
		t.Error(err)
	}
	for _, err := range h.Failures() {
		t.Errorf("a controller of %s ended by itself: %v", h.name, err)
	}
}

// retire ends all managers.
func (c *crew) retire() {
	for _, h := range c.hands {
		h.kill()
	}
	c.hands = nil
}

// disturb does something to the managers, and says what.
func (c *crew) disturb(r *rand.Rand) string {
	if len(c.hands) == 0 {
		return c.start().name + " starts"
	}
	i := r.IntN(len(c.hands))
	h := c.hands[i]
	switch what := r.IntN(10); {
	case what < 2 && len(c.hands) < 3:
		return c.start().name + " starts, beside others"
	case what < 4:
		h.kill()
		c.hands = append(c.hands[:i], c.hands[i+1:]...)
		return h.name + " is killed"
	case what < 5:
		h.freeze()
		return h.name + " freezes"
	case what < 6:
		for _, each := range c.hands {
			each.thaw()
		}
		return "all thaw"
	default:
		count := 1 + r.IntN(4)
		h.strike(r, count)
		return fmt.Sprintf("faults await the next %d writes of %s", count, h.name)
	}
}
