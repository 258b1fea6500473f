#!/usr/bin/env bash
# Says what this machine lacks to build and test the project, and what to do
# about it. Prints nothing where all is there.
set -o errexit -o nounset -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

lack=()

if ! command -v go >/dev/null; then
  lack+=("Go is not installed, or not in \$PATH: get it from https://go.dev/dl/")
elif ! have=$(go env GOVERSION 2>&1); then
  # An old Go downloads the one that go.mod asks for, unless it is told not to.
  lack+=("Go can't be used here: ${have}
    get a newer one from https://go.dev/dl/, or set GOTOOLCHAIN=auto")
fi
command -v git >/dev/null ||
  lack+=("git is not installed: get it from your system's packages")

if ((${#lack[@]})); then
  printf 'this machine lacks something:\n' >&2
  printf '  - %s\n' "${lack[@]}" >&2
  exit 1
fi
