//go:build external_kube_apiserver

package main

// kubeAPIServer comes from a directory of binaries that the machine already has.
var kubeAPIServer command
