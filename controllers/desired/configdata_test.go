package desired_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
)

func TestOnlyKeysThatAreAskedForByNameCanBeMissing(t *testing.T) {
	source := map[string][]byte{"user": []byte("alice"), "empty": nil}
	for sentence, test := range map[string]struct {
		items []xosv1.SecretSourceItem
		want  []string
	}{
		"all that there is":                {nil, nil},
		"a key that is there":              {[]xosv1.SecretSourceItem{{Key: "user"}}, nil},
		"a key with an empty value":        {[]xosv1.SecretSourceItem{{Key: "empty"}}, nil},
		"a key that is there only renamed": {[]xosv1.SecretSourceItem{{Key: "name", As: "user"}}, []string{"name"}},
		"two missing keys, in their order": {[]xosv1.SecretSourceItem{{Key: "z"}, {Key: "user"}, {Key: "a"}}, []string{"z", "a"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, desired.MissingKeys(xosv1.SecretSource{Name: "s", Items: test.items}, source))
		})
	}
}

func TestAnImageReferenceHasWhatTheImageHasAndNoMore(t *testing.T) {
	const digest = "sha256:0123"
	for want, spec := range map[string]xosv1.ImageSpec{
		"nginx":                  {Name: "nginx"},
		"nginx:1.29":             {Name: "nginx", Tag: "1.29"},
		"nginx@sha256:0123":      {Name: "nginx", Digest: digest},
		"nginx:1.29@sha256:0123": {Name: "nginx", Tag: "1.29", Digest: digest},
	} {
		t.Run(want, func(t *testing.T) {
			assert.Equal(t, want, desired.ImageReference(&xosv1.Image{Spec: spec}))
		})
	}
}
