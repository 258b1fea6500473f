//go:build !external_kube_scheduler

package main

import (
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-scheduler/app"
)

var kubeScheduler command = func() int { return cli.Run(app.NewSchedulerCommand()) }
