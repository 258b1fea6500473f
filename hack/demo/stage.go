package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	planeTimeout   = 4 * time.Minute
	managerTimeout = 60 * time.Second
	kindsTimeout   = 20 * time.Second
	probeInterval  = 50 * time.Millisecond
)

// errDied is why a play ends early when a child does.
var errDied = errors.New("ended unasked")

// programs are the paths of what is run.
type programs struct{ plane, manager string }

// stage is all that runs while something is shown.
type stage struct {
	screen   *screen
	programs programs
	// dir holds the plane, the manager's kubeconfig and the logs.
	dir string
	// fail ends the play, and says why.
	fail context.CancelCauseFunc

	plane, manager *logged
	// kubeconfig is the administrator's.
	kubeconfig string
	// kafka is the broker's host:port.
	kafka   string
	config  *rest.Config
	cluster *cluster
	events  *listener
}

// set starts everything, in the order in which it is needed.
func (st *stage) set(ctx context.Context) error {
	s := st.screen
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"control plane up: 2 nodes, a Kafka broker", st.startPlane},
		{"custom resource definitions installed, from crds/", st.installCRDs},
		{"controller manager up, with the rights in deploy/", st.startManager},
	}
	for _, step := range steps {
		if err := s.step(step.name, func() error { return step.do(ctx) }); err != nil {
			return err
		}
	}
	var err error
	st.events, err = listen(ctx, st.kafka, func(e podEvent) { s.say(s.eventLine(e)) })
	return err
}

// startPlane returns when everything of the plane answers.
func (st *stage) startPlane(ctx context.Context) error {
	dir := st.path("plane")
	var err error
	st.plane, err = st.start("control plane", st.path("plane.log"), st.programs.plane,
		"up", "--dir="+dir, "--nodes=2", "--kafka")
	if err != nil {
		return err
	}
	var ready struct{ Kubeconfig, Kafka string }
	err = await(ctx, planeTimeout, "the control plane", func(context.Context) error {
		raw, err := os.ReadFile(st.path("plane", "ready.json"))
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, &ready)
	})
	if err != nil {
		return err
	}
	st.kubeconfig, st.kafka = ready.Kubeconfig, ready.Kafka
	if st.config, err = clientcmd.BuildConfigFromFlags("", st.kubeconfig); err != nil {
		return fmt.Errorf("read the plane's kubeconfig: %w", err)
	}
	st.config.QPS = -1
	st.cluster, err = connect(st.config)
	return err
}

func (st *stage) installCRDs(ctx context.Context) error {
	crds, err := st.cluster.applyFiles(ctx, "crds/*.yaml")
	if err != nil {
		return err
	}
	if err := st.cluster.awaitAll(ctx, crds); err != nil {
		return err
	}
	// Discovery reports what the API server serves a little later, kind by kind.
	return await(ctx, kindsTimeout, "discovery to report the new kinds", func(context.Context) error {
		for _, crd := range crds {
			if err := st.cluster.knows(crd); err != nil {
				return err
			}
		}
		return nil
	})
}

// startManager gives the manager what deploy/ would give it in a real cluster,
// its rights too, and returns when it says that it is ready.
func (st *stage) startManager(ctx context.Context) error {
	if _, err := st.cluster.applyFiles(ctx, "deploy/access.yaml", "deploy/role.yaml"); err != nil {
		return err
	}
	kubeconfig := st.path("manager.kubeconfig")
	if err := issueKubeconfig(ctx, st.config, kubeconfig); err != nil {
		return err
	}
	probe, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	st.manager, err = st.start("controller manager", st.path("manager.log"), st.programs.manager,
		"--kubeconfig="+kubeconfig,
		"--kafka-brokers="+st.kafka,
		"--kafka-create-topics",
		"--health-probe-bind-address="+probe,
		"--metrics-bind-address=0")
	if err != nil {
		return err
	}
	return await(ctx, managerTimeout, "the manager", func(ctx context.Context) error {
		return get(ctx, "http://"+probe+"/readyz")
	})
}

// start starts a child whose end, unless it was asked for, ends the play.
func (st *stage) start(name, log, path string, args ...string) (*logged, error) {
	c, err := startLogged(name, log, path, args...)
	if err != nil {
		return nil, err
	}
	go func() {
		<-c.Done
		st.fail(fmt.Errorf("%s: %w", name, errors.Join(errDied, c.Err)))
	}()
	return c, nil
}

// await tries until it succeeds; the error says what the last try lacked.
func await(ctx context.Context, timeout time.Duration, what string, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s, %v at most: %w", what, timeout, err)
		case <-tick.C:
		}
	}
}

// get succeeds where url answers 200.
func get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}

// freeAddress returns a loopback address that is free.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	address := l.Addr().String()
	return address, l.Close()
}
