package observe_test

import (
	"xos.opencord.org/kubernetes-service/controllers/observe/observetest"
)

// The pods and jobs of these tests.
var (
	pod       = observetest.Pod
	condition = observetest.Condition
	waiting   = observetest.Waiting
	finished  = observetest.Finished
)
