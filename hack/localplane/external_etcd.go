//go:build external_etcd

package main

// etcd comes from a directory of binaries that the machine already has.
var etcd command
