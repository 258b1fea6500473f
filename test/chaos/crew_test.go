package chaos

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/program"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// manager is one that is at work, in this process or in one of its own.
type manager interface {
	kill()
	freeze()
	// thaw lets it go on: what it had decided before is sent now.
	thaw()
}

// crew are the managers that are at work.
type crew struct {
	t      *testing.T
	config *rest.Config
	// binary is the program, for managers that are to be processes; empty for those in
	// this process.
	binary string
	hands  []manager
	names  []string
	begun  int
}

// hand is a manager in this process, with what is done to its requests.
type hand struct {
	*inprocess.Manager

	mu sync.Mutex
	// faults meet the next writes, one each.
	faults []func(transport.Request) transport.Fault
	// frozen is closed when the manager is let go on; nil where it is at work.
	frozen chan struct{}

	dead   chan struct{}
	ending sync.Once
}

// start has another manager work, and returns its name.
func (c *crew) start() string {
	c.t.Helper()
	c.begun++
	name := fmt.Sprintf("manager-%d", c.begun)
	if c.binary == "" {
		c.add(name, newHand(c.t, c.config, name))
		return name
	}
	// Without elections: a walk is short, and two at once are the worse case.
	p := program.Start(c.t, name, c.binary, c.config, "--leader-elect=false", "--health-probe-bind-address=0", "--metrics-bind-address=0")
	keepLog(c.t, name, p.Log)
	c.add(name, process{p})
	return name
}

func (c *crew) add(name string, m manager) {
	c.hands, c.names = append(c.hands, m), append(c.names, name)
}

// leave has one of the managers killed.
func (c *crew) leave(i int) {
	c.hands[i].kill()
	c.hands, c.names = slices.Delete(c.hands, i, i+1), slices.Delete(c.names, i, i+1)
}

// healthy has one manager in this process work, and no other.
func (c *crew) healthy() *hand {
	c.t.Helper()
	for len(c.hands) > 0 {
		c.leave(0)
	}
	c.begun++
	name := fmt.Sprintf("manager-%d", c.begun)
	h := newHand(c.t, c.config, name)
	c.add(name, h)
	return h
}

// process is a manager in a process of its own.
type process struct{ *program.Process }

func (p process) kill()   { p.Kill() }
func (p process) freeze() { _ = p.Signal(syscall.SIGSTOP) }
func (p process) thaw()   { _ = p.Signal(syscall.SIGCONT) }

func newHand(t *testing.T, config *rest.Config, name string) *hand {
	t.Helper()
	m, err := inprocess.Run(config, inprocess.Controllers)
	require.NoError(t, err)
	h := &hand{Manager: m, dead: make(chan struct{})}
	h.Intercept(t, h.meet)
	keepLog(t, name, m.Log)
	t.Cleanup(func() {
		h.kill()
		for _, err := range h.Failures() {
			t.Errorf("a controller of %s ended by itself: %v", name, err)
		}
	})
	return h
}

// keepLog writes a manager's log beside the test's artifacts where the walk failed.
func keepLog(t *testing.T, name string, log func() string) {
	t.Helper()
	path := filepath.Join(t.ArtifactDir(), name+".log")
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		if err := os.WriteFile(path, []byte(log()), 0o600); err != nil {
			t.Error(err)
		}
	})
}

// meet decides what becomes of a request.
func (h *hand) meet(r transport.Request) transport.Fault {
	h.mu.Lock()
	frozen := h.frozen
	var fault func(transport.Request) transport.Fault
	if r.Mutates() && len(h.faults) > 0 {
		fault, h.faults = h.faults[0], h.faults[1:]
	}
	h.mu.Unlock()
	if frozen != nil {
		select {
		case <-frozen:
		case <-h.dead:
			return transport.Drop{}
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
var faults = []func(h *hand, number uint64) func(transport.Request) transport.Fault{
	func(*hand, uint64) func(transport.Request) transport.Fault {
		return func(transport.Request) transport.Fault { return transport.LoseAnswer{} }
	},
	func(*hand, uint64) func(transport.Request) transport.Fault {
		return func(transport.Request) transport.Fault { return transport.Drop{} }
	},
	func(_ *hand, number uint64) func(transport.Request) transport.Fault {
		return func(r transport.Request) transport.Fault {
			return transport.Refuse{Err: refusals[number%uint64(len(refusals))](r)}
		}
	},
	func(h *hand, number uint64) func(transport.Request) transport.Fault {
		return func(transport.Request) transport.Fault {
			select {
			case <-time.After(time.Duration(number%1500) * time.Millisecond):
			case <-h.dead:
			}
			return nil
		}
	},
}

var refusals = []func(transport.Request) *apierrors.StatusError{
	func(transport.Request) *apierrors.StatusError {
		return apierrors.NewInternalError(http.ErrHandlerTimeout)
	},
	func(transport.Request) *apierrors.StatusError {
		return apierrors.NewServiceUnavailable("the walk says so")
	},
	func(r transport.Request) *apierrors.StatusError {
		return apierrors.NewConflict(schema.GroupResource{Resource: r.Resource}, r.Name, http.ErrHandlerTimeout)
	},
	func(transport.Request) *apierrors.StatusError {
		return apierrors.NewTimeoutError("the walk says so", 0)
	},
}

// disturb does something to the managers, and says what.
func (c *crew) disturb(r *rand.Rand) string {
	if len(c.hands) == 0 {
		return c.start() + " starts"
	}
	i := r.IntN(len(c.hands))
	name := c.names[i]
	h, faulty := c.hands[i].(*hand)
	switch what := r.IntN(10); {
	case what < 2 && len(c.hands) < 3:
		return c.start() + " starts, beside others"
	case what < 4:
		c.leave(i)
		return name + " is killed"
	case what < 5, what < 7 && !faulty:
		c.hands[i].freeze()
		return name + " freezes"
	case what < 6, !faulty:
		for _, each := range c.hands {
			each.thaw()
		}
		return "all thaw"
	default:
		count := 1 + r.IntN(4)
		h.strike(r, count)
		return fmt.Sprintf("faults await the next %d writes of %s", count, name)
	}
}
