package controllers

import (
	"testing"

	"github.com/stretchr/testify/assert"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestWhatIsNotNamedIsNoReference(t *testing.T) {
	assert.Empty(t, named("shop", ""))
	assert.Equal(t, []string{"shop/web"}, named("shop", "web"))
	assert.Equal(t, []string{"web"}, named("", "web"))
	assert.Equal(t, []string{"instance/shop/web"}, targets("shop", xosv1.VolumeMount{ServiceInstance: "web"}))
	assert.Equal(t, []string{"slice/shop/web"}, targets("shop", xosv1.VolumeMount{Slice: "web"}))
}
