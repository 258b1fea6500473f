package controllers

import (
	"time"

	"xos.opencord.org/kubernetes-service/controllers/cluster"
)

// firstMount and nextMount are how long a new slice or instance waits for its mounts, which may
// follow in the same file: otherwise its pods would be created without them, and replaced. If one
// mount exists already, only others of the same file can still be missing.
const (
	firstMount = 500 * time.Millisecond
	nextMount  = 100 * time.Millisecond
)

// awaitMounts returns how long a new slice or instance, the target of mounts, waits for
// them.
func awaitMounts(c *cluster.Cluster, targets []string) time.Duration {
	for _, target := range targets {
		if c.KubernetesConfigVolumeMounts.CountIndex(byTarget, target)+c.KubernetesSecretVolumeMounts.CountIndex(byTarget, target) > 0 {
			return nextMount
		}
	}
	return firstMount
}
