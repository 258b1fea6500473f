package names_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/apimachinery/pkg/util/validation"

	"xos.opencord.org/kubernetes-service/controllers/names"
)

func TestANameIsCutOnlyWhereItDoesNotFit(t *testing.T) {
	x62 := strings.Repeat("x", 62)
	for sentence, test := range map[string]struct{ name, want string }{
		"a short name stays":                              {"web", "web"},
		"a name with dots too":                            {"web.example.org", "web.example.org"},
		"63 characters just fit":                          {x62 + "y", x62 + "y"},
		"64 characters are cut and distinguished by hash": {x62 + "yz", strings.Repeat("x", 54) + "-" + names.Hash(x62+"yz")},
		"a cut that would end in punctuation is closer":   {strings.Repeat("x", 53) + ".-" + x62, strings.Repeat("x", 53) + "-" + names.Hash(strings.Repeat("x", 53)+".-"+x62)},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, names.Fit(test.name, 63))
		})
	}
}

func TestNamesThatDifferOnlyAtTheirEndsStayTwo(t *testing.T) {
	long := strings.Repeat("x", 100)
	assert.NotEqual(t, names.Fit(long+"a", 63), names.Fit(long+"b", 63))
}

func TestAnEndingHasItsRoom(t *testing.T) {
	x63 := strings.Repeat("x", 63)
	for sentence, test := range map[string]struct{ name, ending, want string }{
		"a short name stays whole":               {"web", "statefulset", "web-statefulset"},
		"a long one is cut":                      {x63, "statefulset", strings.Repeat("x", 51) + "-statefulset"},
		"without punctuation before the ending":  {strings.Repeat("x", 50) + "--x", "statefulset", strings.Repeat("x", 50) + "-statefulset"},
		"an ending that is too long is a hash":   {"web", strings.Repeat("k", 32), "web-" + names.Hash(strings.Repeat("k", 32))},
		"nothing readable leaves the ending":     {"", "statefulset", "statefulset"},
		"and so does a name of punctuation only": {"--", "statefulset", "statefulset"},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, names.Append(test.name, test.ending, 63))
		})
	}
}

func TestALabelIsTheTextWhereThatIsOne(t *testing.T) {
	for text, want := range map[string]string{
		"web":                    "web",
		strings.Repeat("a", 63):  strings.Repeat("a", 63),
		"web.example.org":        "web-example-org-" + names.Hash("web.example.org"),
		"Web":                    "web-" + names.Hash("Web"),
		"--":                     names.Hash("--"),
		strings.Repeat("a", 64):  strings.Repeat("a", 54) + "-" + names.Hash(strings.Repeat("a", 64)),
		strings.Repeat("a-", 40): strings.Repeat("a-", 26) + "a-" + names.Hash(strings.Repeat("a-", 40)),
	} {
		got := names.Label(text)
		assert.Equal(t, want, got, text)
		assert.Empty(t, validation.IsDNS1123Label(got), text)
	}
	assert.NotEqual(t, names.Label("a.b"), names.Label("a-b"))
}

func TestAHashDistinguishesWhereATextEnds(t *testing.T) {
	assert.NotEqual(t, names.Hash("a", "b"), names.Hash("ab"))
}

func FuzzALabelIsAlwaysLegal(f *testing.F) {
	for _, text := range []string{"web", "a.b", "Über", "", "--", strings.Repeat("a-", 40)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		assert.Empty(t, validation.IsDNS1123Label(names.Label(text)), text)
	})
}
