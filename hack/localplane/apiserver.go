//go:build !external_kube_apiserver

package main

import (
	_ "time/tzdata" // time zones of CronJobs, on machines that have none

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

var kubeAPIServer command = func() int { return cli.Run(app.NewAPIServerCommand()) }
