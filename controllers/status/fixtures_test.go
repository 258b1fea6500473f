package status_test

import (
	"xos.opencord.org/kubernetes-service/controllers/observe/observetest"
)

// The pods and jobs of these tests.
var (
	pod       = observetest.Pod
	phase     = observetest.Phase
	condition = observetest.Condition
	waits     = observetest.Waits
	because   = observetest.Because
	waiting   = observetest.Waiting
	finished  = observetest.Finished
)
