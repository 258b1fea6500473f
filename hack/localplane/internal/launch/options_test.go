package launch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrongOptionsAreRefusedWithAReason(t *testing.T) {
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"no directory":            {Options{}, "no directory is given"},
		"fewer nodes than none":   {Options{Dir: "x", Nodes: -1}, "-1 nodes can't be"},
		"nodes but no kwok":       {Options{Dir: "x", Nodes: 1, Kwok: "/no/such/kwok"}, "find kwok"},
		"a flag without a value":  {Options{Dir: "x", APIServerFlags: []string{"v"}}, `flag "v" is not of the form name=value`},
		"a value without a flag":  {Options{Dir: "x", APIServerFlags: []string{"--=1"}}, `flag "--=1" is not of the form name=value`},
		"an assets directory off": {Options{Dir: "x", Assets: "/no/such/assets"}, "/no/such/assets"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.options.complete()
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestPathsAreMadeAbsolute(t *testing.T) {
	o, err := Options{Dir: "plane", AuditLog: "audit.log"}.complete()
	require.NoError(t, err)
	here, err := os.Getwd()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(here, "plane"), o.Dir)
	require.Equal(t, filepath.Join(here, "audit.log"), o.AuditLog)
	require.Equal(t, DefaultStartTimeout, o.StartTimeout)
}
