// Package ports picks free loopback ports for servers that get their port
// on the command line.
package ports

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// The ports picked from lie below those the kernel gives to outgoing
// connections (from 32768 on Linux, from 49152 elsewhere): between the choice
// and the server's bind no client of anything can be given the same one. They
// lie below Kubernetes' node ports too.
const (
	lowest  = 10000
	highest = 29999
	tries   = 100
)

// ErrNone reports that no free port was found.
var ErrNone = errors.New("no free loopback port found")

// Loopback is the only address anything of a plane listens on.
const Loopback = "127.0.0.1"

// Pick returns a port nothing listens on. It takes the preferred one where that
// is not 0 and is free, so that a plane which is started anew is found where it
// was. Ports in taken are never returned.
func Pick(ctx context.Context, preferred int, taken map[int]bool) (int, error) {
	if preferred != 0 && !taken[preferred] && free(ctx, preferred) {
		return preferred, nil
	}
	for range tries {
		port := lowest + rand.IntN(highest-lowest+1)
		if !taken[port] && free(ctx, port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("%w between %d and %d", ErrNone, lowest, highest)
}

// Address returns host:port on loopback.
func Address(port int) string { return net.JoinHostPort(Loopback, strconv.Itoa(port)) }

func free(ctx context.Context, port int) bool {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", Address(port))
	if err != nil {
		return false
	}
	// Nothing connected, so the port is free at once when it is closed.
	_ = listener.Close()
	return true
}
