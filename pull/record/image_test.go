package record

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
)

func TestImagesAreTakenApart(t *testing.T) {
	for reference, want := range map[string]ImageReference{
		"nginx":                           {Name: "nginx"},
		"nginx:1.29":                      {Name: "nginx", Tag: "1.29"},
		"registry:5000/team/app":          {Name: "registry:5000/team/app"},
		"registry:5000/team/app:v2":       {Name: "registry:5000/team/app", Tag: "v2"},
		"app@sha256:abc":                  {Name: "app", Digest: "sha256:abc"},
		"registry:5000/app:v2@sha256:abc": {Name: "registry:5000/app", Tag: "v2", Digest: "sha256:abc"},
		"[fd00:10::5]:5000/team/app:v1":   {Name: "[fd00:10::5]:5000/team/app", Tag: "v1"},
		"[fd00:10::5]/team/app":           {Name: "[fd00:10::5]/team/app"},
		"[::1]/app@sha256:abc":            {Name: "[::1]/app", Digest: "sha256:abc"},
		"192.0.2.7:5001/gearman":          {Name: "192.0.2.7:5001/gearman"},
		"localhost:5000/team/app":         {Name: "localhost:5000/team/app"},
		"Registry.Example.ORG/app:RC_1.0": {Name: "Registry.Example.ORG/app", Tag: "RC_1.0"},
		"UPPER/Case:tag:twice":            {Name: "UPPER/Case:tag", Tag: "twice"},
		":odd":                            {Name: ":odd"},
		"@sha256:abc":                     {Name: "@sha256", Tag: "abc"},
		"registry/:v1":                    {Name: "registry/:v1"},
	} {
		got, ok := ParseImage(reference)
		assert.True(t, ok, reference)
		assert.Equal(t, want, got, reference)
		whole := desired.ImageReference(&xosv1.Image{Spec: xosv1.ImageSpec{Name: got.Name, Tag: got.Tag, Digest: got.Digest}})
		assert.Equal(t, reference, whole, "put together it is the same text")
	}
	for _, reference := range []string{"", strings.Repeat("a", maxImagePart+1)} {
		_, ok := ParseImage(reference)
		assert.False(t, ok)
	}
}

func TestAnImageOfNoTextIsTakenApart(t *testing.T) {
	ref, ok := ParseImage("app\xff:v1")
	assert.True(t, ok)
	assert.Equal(t, ImageReference{Name: "app\uFFFD", Tag: "v1"}, ref, "as the API server gives it back")
}
