package observe

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Kubernetes bounds a pod by the size of a request alone, so that it may have a
// mebibyte of labels, or thousands of containers. What an instance's status and the
// events of a pod show of it is bounded here.
const (
	// maxLabelBytes bounds the keys and values of the labels together. An event with
	// so many is far below what any Kafka takes.
	maxLabelBytes = 64 << 10
	// maxLabels, maxContainers and maxAddresses are the API's own bounds.
	maxLabels     = 4096
	maxContainers = 1024
	maxAddresses  = 16
)

// ShownLabels are the labels of a pod that its instance's status and its events show:
// all of them, where they are at most 64 KiB of keys and values. Of more than that,
// those whose keys begin with "xos" come first, then all in the order of their keys,
// up to the first that no longer fits.
func ShownLabels(labels map[string]string) map[string]string {
	size := 0
	for key, value := range labels {
		size += len(key) + len(value)
	}
	if size <= maxLabelBytes && len(labels) <= maxLabels {
		return labels
	}
	shown, left := map[string]string{}, maxLabelBytes
	for _, key := range slices.SortedFunc(maps.Keys(labels), xosFirst) {
		if left -= len(key) + len(labels[key]); left < 0 || len(shown) == maxLabels {
			break
		}
		shown[key] = labels[key]
	}
	return shown
}

// xosFirst orders the keys of labels.
func xosFirst(a, b string) int {
	switch ours, others := strings.HasPrefix(a, "xos"), strings.HasPrefix(b, "xos"); {
	case ours && !others:
		return -1
	case others && !ours:
		return 1
	}
	return strings.Compare(a, b)
}

// ShownAddresses are the addresses of a pod that its instance's status and its events
// show: the first 16.
func ShownAddresses(pod *corev1.Pod) []string {
	var addresses []string
	for _, ip := range pod.Status.PodIPs[:min(len(pod.Status.PodIPs), maxAddresses)] {
		addresses = append(addresses, ip.IP)
	}
	return addresses
}
