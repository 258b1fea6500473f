//go:build external_kube_controller_manager

package main

// kubeControllerManager comes from a directory of binaries that the machine already has.
var kubeControllerManager command
