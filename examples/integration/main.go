// Command integration is an example of a service on top of XOS, in the way of the original's
// SimpleExampleService: it has a model of its own, a Greeting, and has a pod serve it as a web page.
//
// It touches nothing native. Of each Greeting it makes models of XOS: a config map, an instance, a mount
// that brings the one into the other, and the same of a secret. It follows the instance to report the
// pod's address, and Kafka to learn of each pod that begins, which is when a service that keeps state in
// its pods would push that state again.
//
//	kubectl apply -f examples/integration/crd.yaml -f examples/integration/rights.yaml
//	go run ./examples/integration --kubeconfig ~/.kube/config --kafka-brokers kafka:9092
//	kubectl apply -f examples/integration/greeting.yaml
//	kubectl get greetings -n greetings
//
// desired.go decides which models a Greeting needs, controller.go applies them and reports, events.go
// reads Kafka.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
)

func main() {
	var kubeconfig, brokers, topic string
	flag.StringVar(&kubeconfig, "kubeconfig", "", "path of a kubeconfig; left out, the service account of the pod counts")
	flag.StringVar(&brokers, "kafka-brokers", "", "Kafka brokers, as host:port[,host:port]; left out, no events are read")
	flag.StringVar(&topic, "kafka-topic", "xos.kubernetes.pod-details", "topic of the pod events")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, kubeconfig, brokers, topic); err != nil {
		fmt.Fprintln(os.Stderr, "integration:", err)
		os.Exit(1)
	}
}

// run works until the context ends.
func run(ctx context.Context, kubeconfig, brokers, topic string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("find the cluster: %w", err)
	}
	xos, err := versioned.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make a client of the models: %w", err)
	}
	greetings, err := dynamic.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make a client of greetings: %w", err)
	}
	c := newController(xos, greetings)
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return c.run(ctx) })
	if brokers != "" {
		all.Go(func() error { return follow(ctx, strings.Split(brokers, ","), topic, c.announce) })
	}
	return all.Wait()
}
