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
	// maxImage bounds one image: more than a reference that can be recorded. maxImageBytes
	// bounds those of all containers together. In JSON a character may take six times its
	// size, and etcd takes 1.5 MiB of it.
	maxImage      = 4 << 10
	maxImageBytes = 128 << 10
)

// ShownLabels returns the labels of a pod that its instance's status and its events contain: all
// of them, if they are at most 64 KiB of keys and values. Otherwise they are sorted, keys that
// begin with "xos" first, and end before the first that exceeds the limit.
func ShownLabels(labels map[string]string) map[string]string {
	return LabelsWithin(labels, maxLabelBytes)
}

// LabelsWithin returns the labels that fit a number of bytes, by the rule of ShownLabels.
func LabelsWithin(labels map[string]string, left int) map[string]string {
	size := 0
	for key, value := range labels {
		size += len(key) + len(value)
	}
	if size <= left && len(labels) <= maxLabels {
		return labels
	}
	shown := map[string]string{}
	for _, key := range slices.SortedFunc(maps.Keys(labels), xosFirst) {
		if left -= len(key) + len(labels[key]); left < 0 || len(shown) == maxLabels {
			break
		}
		shown[key] = labels[key]
	}
	return shown
}

// xosFirst compares the keys of labels.
func xosFirst(a, b string) int {
	switch ours, others := strings.HasPrefix(a, "xos"), strings.HasPrefix(b, "xos"); {
	case ours && !others:
		return -1
	case others && !ours:
		return 1
	}
	return strings.Compare(a, b)
}

// ShownAddresses returns the addresses of a pod that its instance's status and its events contain:
// the first 16.
func ShownAddresses(pod *corev1.Pod) []string {
	var addresses []string
	for _, ip := range pod.Status.PodIPs[:min(len(pod.Status.PodIPs), maxAddresses)] {
		addresses = append(addresses, ip.IP)
	}
	return addresses
}

// shownImages returns the images of containers that an instance's status contains: each up to
// maxImage bytes, and empty from the first on that exceeds the limit for all.
func shownImages(containers []corev1.Container) []string {
	images, left := make([]string, len(containers)), maxImageBytes
	for i, c := range containers {
		image := c.Image
		if len(image) > maxImage {
			image = strings.ToValidUTF8(image[:maxImage], "")
		}
		if left -= len(image); left < 0 {
			break
		}
		images[i] = image
	}
	return images
}
