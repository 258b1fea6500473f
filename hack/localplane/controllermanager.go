//go:build !external_kube_controller_manager

package main

import (
	_ "time/tzdata" // time zones of CronJobs, on machines that have none

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

var kubeControllerManager command = func() int { return cli.Run(app.NewControllerManagerCommand()) }
