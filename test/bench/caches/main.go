// Command caches fills the caches of the manager and does nothing else: the least
// memory that a program with the same clients and informers takes. It prints a
// line once they are filled, and runs until it is told to end.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"

	"xos.opencord.org/kubernetes-service/controllers/cluster"
)

func main() {
	debug.SetGCPercent(50) // as the manager does
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "caches:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	c, err := cluster.New(config)
	if err != nil {
		return err
	}
	c.Start(ctx.Done())
	if cache.WaitForCacheSync(ctx.Done(), c.HasSynced) {
		fmt.Println("filled")
	}
	<-ctx.Done()
	c.Shutdown()
	return nil
}
