package launch

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"xos.opencord.org/kubernetes-service/hack/localplane/internal/ports"
)

// addresses are the loopback ports of a plane, kept in its directory so that a
// plane with kept data is found where it was.
type addresses struct {
	Etcd              int `json:"etcd"`
	EtcdPeer          int `json:"etcdPeer"`
	APIServer         int `json:"apiServer"`
	ControllerManager int `json:"controllerManager"`
	Scheduler         int `json:"scheduler"`
	Kafka             int `json:"kafka"`
}

// pickAddresses picks a free port for each, the ones noted in file first.
func pickAddresses(ctx context.Context, file string) (addresses, error) {
	var a addresses
	if raw, err := os.ReadFile(file); err == nil {
		// A file that can't be read is as good as none: any free port will do.
		_ = json.Unmarshal(raw, &a)
	}
	taken := map[int]bool{}
	for _, port := range []*int{&a.Etcd, &a.EtcdPeer, &a.APIServer, &a.ControllerManager, &a.Scheduler, &a.Kafka} {
		picked, err := ports.Pick(ctx, *port, taken)
		if err != nil {
			return addresses{}, err
		}
		*port, taken[picked] = picked, true
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return addresses{}, fmt.Errorf("encode the plane's ports: %w", err)
	}
	return a, writeFile(file, raw)
}

func https(port int) string { return "https://" + ports.Address(port) }
