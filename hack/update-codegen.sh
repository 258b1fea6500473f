#!/usr/bin/env bash
# Regenerates everything that is derived from the types in apis/: deepcopy
# functions, CRDs, the clients in generated/, docs/reference.md and the
# fingerprints of CRDs that "kubectl xos doctor" compares. Runs from anywhere,
# and twice in a row changes nothing. Its tools are those that go.mod
# and hack/apireference/go.mod pin.
set -o errexit -o nounset -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

module=$(go list -m)
api="${module}/apis/xos/v1"
out=generated

work=$(mktemp -d)
trap 'rm -rf "${work}"' EXIT

# replace puts a new directory in the place of an old one as a whole, so that
# what a removed kind left behind goes too. Tests that run at the same time are
# not disturbed where nothing changed.
replace() {
  if ! diff -r "$1" "$2" >/dev/null 2>&1; then
    rm -rf "$1"
    cp -r "$2" "$1"
  fi
}

# No licence headers: LICENSE holds for the whole repository.
header="${work}/header.txt"
: >"${header}"

go build -o "${work}/" \
  ./hack/crdtrim \
  k8s.io/code-generator/cmd/applyconfiguration-gen \
  k8s.io/code-generator/cmd/client-gen \
  k8s.io/code-generator/cmd/informer-gen \
  k8s.io/code-generator/cmd/lister-gen \
  sigs.k8s.io/controller-tools/cmd/controller-gen

echo "deepcopy"
"${work}/controller-gen" "object:headerFile=${header}" paths=./apis/...

echo "CRDs"
"${work}/controller-gen" crd:generateEmbeddedObjectMeta=true,headerFile="${header}" \
  paths=./apis/... output:crd:dir="${work}/crds"
"${work}/crdtrim" "${work}/crds"
replace crds "${work}/crds"

echo "clients"
# The generators warn of each alias in apis/, that its comment is not string's.
# Warnings go to a file; errors are shown all the same.
log=(--logtostderr=false --stderrthreshold=ERROR --log_dir="${work}")
gen="${work}/generated"
# Native types in our specs have apply configurations of their own. Without them
# an apply would claim the zero values of all their fields.
core=k8s.io/api/core/v1 native=
for type in ContainerPort EnvVar PersistentVolumeClaimSpec PodSpec ResourceRequirements; do
  native+="${native:+,}${core}.${type}:k8s.io/client-go/applyconfigurations/core/v1"
done
"${work}/applyconfiguration-gen" "${log[@]}" \
  --go-header-file "${header}" \
  --output-dir "${gen}/applyconfiguration" \
  --output-pkg "${module}/${out}/applyconfiguration" \
  --external-applyconfigurations "${native}" \
  "${api}"
"${work}/client-gen" "${log[@]}" \
  --go-header-file "${header}" \
  --output-dir "${gen}/clientset" \
  --output-pkg "${module}/${out}/clientset" \
  --clientset-name versioned \
  --apply-configuration-package "${module}/${out}/applyconfiguration" \
  --input-base "${module}/apis" \
  --input xos/v1
"${work}/lister-gen" "${log[@]}" \
  --go-header-file "${header}" \
  --output-dir "${gen}/listers" \
  --output-pkg "${module}/${out}/listers" \
  "${api}"
"${work}/informer-gen" "${log[@]}" \
  --go-header-file "${header}" \
  --output-dir "${gen}/informers" \
  --output-pkg "${module}/${out}/informers" \
  --versioned-clientset-package "${module}/${out}/clientset/versioned" \
  --listers-package "${module}/${out}/listers" \
  "${api}"
replace "${out}" "${gen}"

echo "API reference"
go -C hack/apireference build -o "${work}/" github.com/elastic/crd-ref-docs
"${work}/crd-ref-docs" --log-level=ERROR --renderer=markdown \
  --source-path=apis/xos/v1 --config=hack/apireference/config.yaml \
  --templates-dir=hack/apireference --output-path="${work}/reference.md"
cmp -s "${work}/reference.md" docs/reference.md || cp "${work}/reference.md" docs/reference.md

echo "fingerprints of the CRDs"
go test -count=1 ./cmd/kubectl-xos/checks -run '^TestTheFingerprintsAreThoseOfTheDefinitions$' -update >"${work}/fingerprints.log" ||
  { cat "${work}/fingerprints.log" >&2; exit 1; }
