package plane

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"
)

func TestNamespacesAreNamedAfterTheirTest(t *testing.T) {
	for test, want := range map[string]string{
		"TestAPod":                  "testapod-",
		"TestAPod/with_a_case (no)": "testapod-with-a-case-no-",
		"TestWhoseNameIsLongerThanWhatFits/andEndsWithin": "testwhosenameislongerthanwhatfits-andend-",
		"Test/": "test-",
	} {
		t.Run(test, func(t *testing.T) {
			prefix := prefixFor(test)
			require.Equal(t, want, prefix)
			require.Empty(t, validation.IsDNS1123Label(prefix+"x7k2q"))
		})
	}
}
