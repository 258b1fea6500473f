//go:build external_kube_scheduler

package main

// kubeScheduler comes from a directory of binaries that the machine already has.
var kubeScheduler command
