package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestThePathOfANamespaceIsNotInIt(t *testing.T) {
	assert.Equal(t, "shop", HandleNamespace("/apis/apps/v1/namespaces/shop/deployments/web"))
	assert.Empty(t, HandleNamespace("/api/v1/namespaces/shop"))
	assert.Empty(t, HandleNamespace(""))
}
