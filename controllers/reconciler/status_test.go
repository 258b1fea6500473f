package reconciler

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"k8s.io/client-go/tools/events"

	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

func TestALongEventIsCutBetweenCharacters(t *testing.T) {
	y := newHarness(t)
	recorder := events.NewFakeRecorder(1)
	y.controller.opts.Recorder = recorder
	y.plan = func(parent, *Plan[parent]) error { return outcome.WaitFor("x%s", strings.Repeat("é", 2000)) }
	y.addParent("a", "shop")
	y.settle(t)
	note := <-recorder.Events
	assert.True(t, utf8.ValidString(note), "the server takes no other")
	assert.Greater(t, len(note), 1000)
}
