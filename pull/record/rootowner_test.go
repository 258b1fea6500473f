package record

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"xos.opencord.org/kubernetes-service/controllers/names"
)

func TestAControllersSliceHasANameForEachCase(t *testing.T) {
	c := &RootOwner{Kind: "StatefulSet", Name: "web", UID: "u"}
	assert.Equal(t, []string{"web", "web-statefulset", "web-" + names.Hash("u")}, c.SliceNames())
}
