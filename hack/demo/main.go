// Demo shows on one machine, and with nothing installed, what the service does:
// it starts a local control plane with a Kafka broker and the controller
// manager, applies the examples and shows the results. "demo up" leaves
// everything running instead.
//
//	make demo
//	make up
//
// It is for people: its output is no interface, and nothing may build on it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run())
}

func run() int {
	var p programs
	flag.StringVar(&p.plane, "plane", "bin/plane", "the program that runs a local control plane")
	flag.StringVar(&p.manager, "manager", "bin/xos-controller-manager", "the controller manager")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: demo [flags] [up]\n")
		flag.PrintDefaults()
	}
	flag.Parse()

	play := showAll
	switch {
	case flag.NArg() == 1 && flag.Arg(0) == "up":
		play = stayUp
	case flag.NArg() > 0:
		flag.Usage()
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// A second signal while things are being stopped ends this at once, and the
	// children with it.
	context.AfterFunc(ctx, stop)
	if err := perform(ctx, newScreen(os.Stdout), p, play); err != nil {
		return 1
	}
	return 0
}
