//go:build !external_etcd

package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

var etcd command = func() int {
	etcdmain.Main(os.Args)
	return 0
}
