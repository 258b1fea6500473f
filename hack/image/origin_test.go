package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOriginIsThatOfTheCommit(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "")
	dir := writeFixture(t)
	revision, err := git(t.Context(), dir, "rev-parse", "HEAD")
	require.NoError(t, err)
	got, err := originOf(t.Context(), options{source: dir})
	require.NoError(t, err)
	assert.Equal(t, origin{revision[:12], revision, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, got)

	gitIn(t, dir, "tag", "v1.2.3")
	write(t, filepath.Join(dir, "LICENSE"), "changed")
	got, err = originOf(t.Context(), options{source: dir})
	require.NoError(t, err)
	assert.Equal(t, "v1.2.3-dirty", got.version)

	t.Setenv("SOURCE_DATE_EPOCH", "86400")
	got, err = originOf(t.Context(), options{source: dir, version: "v2", revision: "abc"})
	require.NoError(t, err)
	assert.Equal(t, origin{"v2", "abc", time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)}, got)
}

func TestOriginNamesTheWayOut(t *testing.T) {
	t.Setenv("GIT_CEILING_DIRECTORIES", "/")
	for sentence, test := range map[string]struct {
		options options
		epoch   string
		want    string
	}{
		"no version":                {options{}, "0", "without a git checkout pass -version"},
		"no revision":               {options{version: "v1"}, "0", "without a git checkout pass -revision"},
		"no time":                   {options{version: "v1", revision: "abc"}, "", "without a git checkout set SOURCE_DATE_EPOCH"},
		"a time that is none":       {options{version: "v1", revision: "abc"}, "today", `SOURCE_DATE_EPOCH is "today"`},
		"a time before 1970":        {options{version: "v1", revision: "abc"}, "-1", `SOURCE_DATE_EPOCH is "-1"`},
		"a version that is no tag":  {options{version: "v1+build", revision: "abc"}, "0", `version "v1+build" can't be the tag of an image`},
		"a version with a space":    {options{version: "v1 -X=y", revision: "abc"}, "0", "can't be the tag"},
		"all that is needed is set": {options{version: "v1", revision: "abc"}, "0", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Setenv("SOURCE_DATE_EPOCH", test.epoch)
			test.options.source = t.TempDir()
			_, err := originOf(t.Context(), test.options)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestPlatformsAreThoseThatAreTested(t *testing.T) {
	var ps platforms
	require.NoError(t, ps.Set("linux/arm64,linux/amd64"))
	assert.Equal(t, supported, ps, "in the order of the index, whatever the flag's")
	require.NoError(t, ps.Set("linux/arm64"))
	assert.Equal(t, platforms{"linux/arm64"}, ps)
	assert.ErrorContains(t, ps.Set("linux/arm64,windows/amd64"), `"windows/amd64" is not supported: take some of linux/amd64,linux/arm64`)
}

func TestCommandsAreNamed(t *testing.T) {
	assert.ErrorContains(t, run(t.Context(), []string{"push"}), `no command "push"`)
	assert.ErrorContains(t, run(t.Context(), []string{"build", "now"}), `"now" is no flag`)
}
