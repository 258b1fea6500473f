package applier

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/client-go/tools/cache"
)

func TestEachResourceInstanceIsAFieldManagerOfItsOwn(t *testing.T) {
	assert.Equal(t, "xos-controller-manager:shop/one", FieldManager(one))
	namespace, name := strings.Repeat("n", 63), strings.Repeat("a", 252)
	long, other := FieldManager(cache.NewObjectName(namespace, name+"x")), FieldManager(cache.NewObjectName(namespace, name+"y"))
	assert.Len(t, long, longestManager, "what the API takes")
	assert.Len(t, other, longestManager)
	assert.NotEqual(t, long, other)
}
