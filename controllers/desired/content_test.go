package desired_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
)

func TestAMountsContentIsIdentifiedByWhatThePodsRead(t *testing.T) {
	config := func(items ...string) desired.Mount {
		m := desired.Mount{Name: "m", ConfigMap: "settings", Spec: xosv1.VolumeMount{MountPath: "/etc"}}
		for _, key := range items {
			m.Spec.Items = append(m.Spec.Items, xosv1.MountItem{Key: key, Path: key})
		}
		return m
	}
	secret := desired.Mount{Name: "m", Secret: "settings"}
	files := func(pairs ...string) map[string][]byte {
		all := map[string][]byte{}
		for i := 0; i < len(pairs); i += 2 {
			all[pairs[i]] = []byte(pairs[i+1])
		}
		return all
	}
	for sentence, test := range map[string]struct {
		one, other desired.Mount
		had, has   map[string][]byte
		same       bool
	}{
		"the same":                             {config(), config(), files("a", "1", "b", "2"), files("b", "2", "a", "1"), true},
		"another value":                        {config(), config(), files("a", "1"), files("a", "2"), false},
		"another key":                          {config(), config(), files("a", "1"), files("b", "1"), false},
		"one more":                             {config(), config(), files("a", "1"), files("a", "1", "b", ""), false},
		"values that meet at another border":   {config(), config(), files("a", "1 b", "c", ""), files("a", "1", "b", "c"), false},
		"values with quotes and zeros":         {config(), config(), files("a", "\x00\" \""), files("a", "\x00", "", " "), false},
		"none and none":                        {config(), config(), nil, files(), true},
		"a key that is not mounted":            {config("a"), config("a"), files("a", "1", "b", "2"), files("a", "1", "b", "3"), true},
		"a key that is":                        {config("a"), config("a"), files("a", "1"), files("a", "2"), false},
		"items in another order":               {config("a", "b"), config("b", "a"), files("a", "1", "b", "2"), files("a", "1", "b", "2"), true},
		"another place of the mount is not it": {config(), desired.Mount{Name: "n", ConfigMap: "settings", Spec: xosv1.VolumeMount{MountPath: "/x"}}, files("a", "1"), files("a", "1"), true},
		"a secret is no config map":            {config(), secret, files("a", "1"), files("a", "1"), false},
		"a secret's other value":               {secret, secret, files("a", "1"), files("a", "2"), false},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.same, test.one.Content(test.had) == test.other.Content(test.has))
		})
	}
}

func TestANativeObjectHoldsWhatIsWantedWhateverOthersAddToIt(t *testing.T) {
	wanted := desired.Contents(map[string]string{"a": "1"}, map[string][]byte{"b": {0}})
	for sentence, test := range map[string]struct {
		live map[string][]byte
		want bool
	}{
		"just that":     {map[string][]byte{"a": []byte("1"), "b": {0}}, true},
		"more":          {map[string][]byte{"a": []byte("1"), "b": {0}, "c": nil}, true},
		"less":          {map[string][]byte{"a": []byte("1")}, false},
		"other content": {map[string][]byte{"a": []byte("2"), "b": {0}}, false},
		"nothing":       {nil, false},
	} {
		t.Run(sentence, func(t *testing.T) { assert.Equal(t, test.want, desired.Holds(test.live, wanted)) })
	}
}
