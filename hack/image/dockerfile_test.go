package main

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDockerfileMakesTheSameImage compares the Dockerfile with what the builder sets: its files come from
// the builder's own rootfs, so that what is left is the configuration and the version of Go.
func TestDockerfileMakesTheSameImage(t *testing.T) {
	content, err := os.ReadFile("../../Dockerfile")
	require.NoError(t, err)
	line := func(pattern string) string {
		t.Helper()
		found := regexp.MustCompile(`(?m)`+pattern).FindAllSubmatch(content, -1)
		require.Len(t, found, 1, pattern)
		return string(found[0][1])
	}
	module, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	require.NotNil(t, language)

	assert.Equal(t, string(language[1]), line(`^FROM .*golang:([0-9.]+)`))
	assert.Equal(t, fmt.Sprintf("%d:%d", user, user), line(`^USER (.*)$`))
	assert.Equal(t, `["/`+program+`"]`, line(`^ENTRYPOINT (.*)$`))
	assert.Equal(t, "scratch", line(`^FROM (scratch)$`))
	assert.Equal(t, "/rootfs /", line(`^COPY --from=build (.*)$`))
	assert.Equal(t, "-output=/rootfs", line(`go run -C hack/image \. rootfs.* (-output=\S+)`))
}
