#!/usr/bin/env bash
# Checks what a review should not have to: that generated files are those which
# would be generated, that go.mod files are tidy, that code is formatted and that
# go vet is content. It changes nothing in the working tree. Each failure names
# the files and the command that repairs them.
set -o errexit -o nounset -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=()

# check runs one check and goes on whatever comes of it.
check() {
  local name=$1
  shift
  printf '== %s\n' "${name}"
  SECONDS=0
  if "$@"; then
    printf 'ok, %d s\n' "${SECONDS}"
  else
    printf 'FAIL, %d s\n' "${SECONDS}"
    failed+=("${name}")
  fi
}

complain() {
  printf '%s\n' "$1" >&2
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  return 1
}

go_modules() { git ls-files --cached --others --exclude-standard -- '*go.mod' | xargs -n1 dirname; }

# generated regenerates in a copy of the working tree, whose state a git index of
# its own holds, and compares.
generated() {
  local work copy stale
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # the directory of now is meant
  trap "rm -rf '${work}'" RETURN
  copy=${work}/copy
  mkdir "${copy}"

  export GIT_INDEX_FILE=${work}/index
  git add --all .
  git checkout-index --all --prefix="${copy}/"
  make -C "${copy}" generate >"${work}/log" 2>&1 || {
    cat "${work}/log" >&2
    unset GIT_INDEX_FILE
    complain "make generate does not work"
    return
  }
  stale=$(
    git --work-tree="${copy}" diff --name-only
    git --work-tree="${copy}" ls-files --others --exclude-standard
  )
  unset GIT_INDEX_FILE
  [[ -z ${stale} ]] ||
    complain "generated files are out of date, repair by: make generate" ${stale}
}

# committed finds generated files that a commit would leave behind.
committed() {
  local left
  left=$(git ls-files --others --exclude-standard -- 'apis/*/zz_generated*' charts config crds generated deploy)
  [[ -z ${left} ]] ||
    complain "generated files are not in git, repair by: git add" ${left}
}

tidy() {
  local module bad=0
  for module in $(go_modules); do
    (cd "${module}" && go mod tidy -diff >/dev/null) ||
      complain "${module}/go.mod is not tidy, repair by: (cd ${module} && go mod tidy)" || bad=1
  done
  return "${bad}"
}

formatted() {
  local files
  files=$(git ls-files -z --cached --others --exclude-standard -- '*.go' | xargs -0 gofmt -l)
  [[ -z ${files} ]] ||
    complain "code is not formatted, repair by: gofmt -w" ${files}
}

vetted() {
  go vet -tags=kafka,python ./... &&
    # With the flags by which the control plane and Argo CD are built, what they
    # are made of is not compiled once more.
    (cd hack/localplane && CGO_ENABLED=0 GOFLAGS=-trimpath go vet ./...) &&
    (cd hack/argocd && CGO_ENABLED=0 GOFLAGS=-trimpath go vet ./...) &&
    (cd hack/image && go vet ./...) &&
    (cd hack/alerts && go vet ./...)
}

check "generated files" generated
check "generated files are in git" committed
check "go.mod files are tidy" tidy
check "code is formatted" formatted
check "go vet" vetted

if ((${#failed[@]})); then
  printf '\nfailed: %s\n' "${failed[*]}" >&2
  exit 1
fi
echo "all is as it should be"
