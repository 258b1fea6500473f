package desired

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

func TestMountsShareAVolumeOnlyWhenTheyWantTheSameOfTheSameSource(t *testing.T) {
	items := func(keysAndPaths ...string) (list []xosv1.MountItem) {
		for i := 0; i < len(keysAndPaths); i += 2 {
			list = append(list, xosv1.MountItem{Key: keysAndPaths[i], Path: keysAndPaths[i+1]})
		}
		return list
	}
	mode := func(m xosv1.FileMode) xosv1.VolumeMount { return xosv1.VolumeMount{DefaultMode: &m} }
	for sentence, test := range map[string]struct {
		a, b   Mount
		shared bool
	}{
		"the same source at two places": {
			Mount{ConfigMap: "c", Spec: xosv1.VolumeMount{MountPath: "/a"}}, Mount{ConfigMap: "c", Spec: xosv1.VolumeMount{MountPath: "/b", SubPath: "x"}}, true},
		"the same mode and items of the same source": {
			Mount{Secret: "s", Spec: xosv1.VolumeMount{DefaultMode: ptr.To[int32](256), Items: items("k", "p")}},
			Mount{Secret: "s", Spec: xosv1.VolumeMount{DefaultMode: ptr.To[int32](256), Items: items("k", "p")}}, true},
		"a config map and a secret of one name": {Mount{ConfigMap: "x"}, Mount{Secret: "x"}, false},
		"two sources":                           {Mount{ConfigMap: "x"}, Mount{ConfigMap: "y"}, false},
		"a dot where the other has a dash":      {Mount{ConfigMap: "a.b"}, Mount{ConfigMap: "a-b"}, false},
		"dots and dashes changed round":         {Mount{ConfigMap: "a.b-c"}, Mount{ConfigMap: "a-b.c"}, false},
		"two modes":                             {Mount{ConfigMap: "x", Spec: mode(256)}, Mount{ConfigMap: "x", Spec: mode(292)}, false},
		"other keys":                            {Mount{ConfigMap: "x", Spec: xosv1.VolumeMount{Items: items("a", "f")}}, Mount{ConfigMap: "x", Spec: xosv1.VolumeMount{Items: items("b", "f")}}, false},
		"other paths":                           {Mount{ConfigMap: "x", Spec: xosv1.VolumeMount{Items: items("a", "f")}}, Mount{ConfigMap: "x", Spec: xosv1.VolumeMount{Items: items("a", "g")}}, false},
		"a path that looks like two items": {
			Mount{ConfigMap: "x", Spec: xosv1.VolumeMount{Items: items("a", "f|420|b|g")}},
			Mount{ConfigMap: "x", Spec: xosv1.VolumeMount{Items: items("a", "f", "b", "g")}}, false},
		"a source that is named like another one's volume": {
			Mount{ConfigMap: "a.b"}, Mount{ConfigMap: strings.TrimPrefix(Mount{ConfigMap: "a.b"}.volume(), "config-")}, false},
		"long names that begin alike": {
			Mount{ConfigMap: strings.Repeat("x", 80) + "a"}, Mount{ConfigMap: strings.Repeat("x", 80) + "b"}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.shared, test.a.volume() == test.b.volume(), "%s, %s", test.a.volume(), test.b.volume())
			vols, places := volumes([]Mount{test.a, test.b})
			assert.Len(t, places, 2)
			assert.Len(t, vols, map[bool]int{true: 1, false: 2}[test.shared])
		})
	}
}

func TestVolumesDoNotDependOnTheOrderOfTheMounts(t *testing.T) {
	a := Mount{Name: "same", ConfigMap: "c", Spec: xosv1.VolumeMount{MountPath: "/a"}}
	b := Mount{Name: "same", Secret: "s", Spec: xosv1.VolumeMount{MountPath: "/b"}}
	forth, forthPlaces := volumes([]Mount{a, b})
	back, backPlaces := volumes([]Mount{b, a})
	assert.Equal(t, forth, back)
	assert.Equal(t, forthPlaces, backPlaces)
}

func TestMountsOverlapWhereOneLiesInTheOther(t *testing.T) {
	for sentence, test := range map[string]struct {
		paths  []string
		first  string
		second string
	}{
		"no mounts":                              {nil, "", ""},
		"one mount":                              {[]string{"/etc"}, "", ""},
		"two places beside each other":           {[]string{"/etc/a", "/etc/b"}, "", ""},
		"a name that begins like another":        {[]string{"/etc/app", "/etc/app.d"}, "", ""},
		"twice the same place":                   {[]string{"/etc", "/etc"}, "m0", "m1"},
		"the same place with a slash at its end": {[]string{"/etc/", "/etc"}, "m0", "m1"},
		"the same place with dots and slashes":   {[]string{"/etc/./a//b", "/etc/a/b"}, "m0", "m1"},
		"the second in the first":                {[]string{"/etc", "/etc/app"}, "m0", "m1"},
		"the first in the second":                {[]string{"/etc/app", "/etc"}, "m0", "m1"},
		"the last in the first":                  {[]string{"/etc", "/var", "/etc/app"}, "m0", "m2"},
	} {
		t.Run(sentence, func(t *testing.T) {
			var mounts []Mount
			for i, path := range test.paths {
				mounts = append(mounts, Mount{Name: "m" + string(rune('0'+i)), ConfigMap: "c", Spec: xosv1.VolumeMount{MountPath: path}})
			}
			first, second, ok := Overlap(mounts)
			assert.Equal(t, test.first != "", ok)
			assert.Equal(t, test.first, first.Name)
			assert.Equal(t, test.second, second.Name)
		})
	}
}

func TestAMountIsTitledByItsKindAndName(t *testing.T) {
	config, secret := Mount{Name: "m", ConfigMap: "x"}, Mount{Name: "m", Secret: "x"}
	assert.Equal(t, "KubernetesConfigVolumeMount m", config.Title())
	assert.Equal(t, "KubernetesSecretVolumeMount m", secret.Title())
	assert.True(t, config.Same(Mount{Name: "m", ConfigMap: "y"}))
	assert.False(t, config.Same(secret))
}

// FuzzTwoMountsShareAVolumeOnlyWhenItHoldsTheSame takes two mounts, each of a
// source of either kind, with or without a mode and an item.
func FuzzTwoMountsShareAVolumeOnlyWhenItHoldsTheSame(f *testing.F) {
	f.Add(false, "settings", int32(0), "", "", true, "settings", int32(0), "", "")
	f.Add(false, "a.b", int32(0), "", "", false, "a-b", int32(0), "", "")
	f.Add(false, "a", int32(256), "key", "path", false, "a-"+names.Hash("config-a", "256 \"key\" \"path\" 256"), int32(0), "", "")
	f.Add(true, strings.Repeat("x.", 126)+"x", int32(256), "k", "p|256|l|q", true, strings.Repeat("x.", 126)+"y", int32(256), "k.p", "q")
	f.Fuzz(func(t *testing.T, secretA bool, sourceA string, modeA int32, keyA, pathA string, secretB bool, sourceB string, modeB int32, keyB, pathB string) {
		a, okA := fuzzedMount("a", secretA, sourceA, modeA, keyA, pathA)
		b, okB := fuzzedMount("b", secretB, sourceB, modeB, keyB, pathB)
		if !okA || !okB {
			return // the API admits no such mount
		}
		for _, m := range []Mount{a, b} {
			assert.Empty(t, validation.IsDNS1123Label(m.volume()), m.volume())
		}
		same := assert.ObjectsAreEqual(a.source(""), b.source(""))
		if !same {
			assert.NotEqual(t, a.volume(), b.volume())
		}
		vols, places := volumes([]Mount{a, b})
		assert.Len(t, places, 2)
		for i, m := range []Mount{a, b} {
			assert.Equal(t, m.volume(), *places[i].Name)
			assert.Contains(t, vols, m.source(m.volume()))
		}
	})
}

// fuzzedMount is false for what the schema refuses.
func fuzzedMount(name string, secret bool, source string, mode int32, key, path string) (Mount, bool) {
	m := Mount{Name: name, ConfigMap: source, Spec: xosv1.VolumeMount{MountPath: "/m"}}
	if secret {
		m.ConfigMap, m.Secret = "", source
	}
	if mode != 0 {
		m.Spec.DefaultMode = &mode
	}
	if key != "" {
		m.Spec.Items = []xosv1.MountItem{{Key: key, Path: path}}
	}
	ok := len(validation.IsDNS1123Subdomain(source)) == 0 && mode >= 0 && mode <= 0o777 &&
		(key == "" || len(validation.IsConfigMapKey(key)) == 0)
	return m, ok
}

// TestManyMountsTakeNoTime shows that the time does not grow with the square of their
// number: then these would take minutes.
func TestManyMountsTakeNoTime(t *testing.T) {
	mounts := make([]Mount, 50_000)
	for i := range mounts {
		mounts[i] = Mount{Name: fmt.Sprint("m-", i), ConfigMap: "a", Spec: xosv1.VolumeMount{MountPath: fmt.Sprint("/m/", i)}}
	}
	begun := time.Now()
	_, _, found := Overlap(mounts)
	assert.False(t, found)
	_, _, found = OverlapOf(mounts[0], mounts)
	assert.False(t, found)
	assert.Less(t, time.Since(begun), 10*time.Second)

	mounts[7].Spec.MountPath = "/m/49999/deep"
	first, second, found := Overlap(mounts)
	assert.True(t, found)
	assert.Equal(t, []string{"m-7", "m-49999"}, []string{first.Name, second.Name})
}

func TestTheOverlapOfAMountIsFoundBesideThatOfOthers(t *testing.T) {
	at := func(name, path string) Mount { return Mount{Name: name, Spec: xosv1.VolumeMount{MountPath: path}} }
	all := []Mount{at("a", "/a"), at("b", "/a/b"), at("c", "/c"), at("d", "/c/d"), at("e", "/e")}
	for name, want := range map[string][2]string{"a": {"a", "b"}, "b": {"a", "b"}, "c": {"c", "d"}, "d": {"c", "d"}, "e": {}} {
		first, second, found := OverlapOf(at(name, ""), all)
		assert.Equal(t, want, [2]string{first.Name, second.Name}, name)
		assert.Equal(t, want[0] != "", found, name)
	}
}
