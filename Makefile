# The commands of this repository. Nothing has to be installed for them but Go,
# git and make, for test-kafka a JDK and Maven, and for test-python Python: every other tool is a Go module that go.mod
# or hack/tools/go.mod pins. What the targets build goes to bin/.

SHELL := bash
.SHELLFLAGS := -o errexit -o nounset -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# Further flags of "go test", as in: make test TESTFLAGS='-run TestService -v'
TESTFLAGS ?=
# Flags of the measurement, as in: make bench BENCHFLAGS='-configmaps 100'
BENCHFLAGS ?=
# Flags of the image's build, as in: make image IMAGEFLAGS=-platform=linux/arm64
IMAGEFLAGS ?=
# How long "make fuzz" works on each fuzz test.
FUZZTIME ?= 10m
# How often "make test-faults" runs each scenario, with another seed each time.
FAULTS ?= 20

# Go turns cgo off by itself where there is no C compiler, and the race detector
# needs it.
race := $(if $(filter 1,$(shell go env CGO_ENABLED 2>/dev/null)),-race)
race_note := $(if $(race),with the race detector,without the race detector: there is no C compiler)

# The packages whose tests need no control plane.
units = $$(go list ./... | grep -v /test/)

##@ Every day

.PHONY: help
help: ## Show this text
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build plane ## Show on a local control plane what this does, and clean up after
	@bin/demo

.PHONY: up
up: build plane ## Set up the same, leave it running and say how to use it; Ctrl-C ends it
	@bin/demo up

.PHONY: build
build: machine ## Build the programs into bin/
	@echo 'building bin/'
	@mkdir -p bin
	@CGO_ENABLED=0 go build -o bin/ ./cmd/... ./hack/plane ./hack/demo

.PHONY: test
test: machine plane tools ## Run every test
	@echo '== tests, $(race_note)'
	@rm -rf bin/uses && mkdir -p bin/uses
	XOS_PLANE_USES=$$(mktemp -d '$(CURDIR)/bin/uses/XXXXXX') && export XOS_PLANE_USES && \
	  go test $(race) -timeout=30m $(TESTFLAGS) ./... && \
	  go run ./hack/rbacaudit $(if $(TESTFLAGS),,-whole) -uses="$$XOS_PLANE_USES" deploy/role.yaml
	@echo '== tests of the local control plane'
	cd hack/localplane && go test $(race) -timeout=15m $(TESTFLAGS) ./internal/...
	@echo '== tests of the alerts'
	cd hack/alerts && go test -timeout=5m $(TESTFLAGS) ./...
	@echo '== tests of the image'
	cd hack/image && go test -timeout=30m $(TESTFLAGS) ./...

.PHONY: test-unit
test-unit: machine ## Run the tests that need no control plane: seconds
	go test $(race) $(TESTFLAGS) $(units)

.PHONY: test-kafka
test-kafka: machine ## Run the tests against a real Apache Kafka; needs a JDK and Maven
	go test $(race) -timeout=20m -tags=kafka -count=1 $(TESTFLAGS) ./test/kafka

.PHONY: test-python
test-python: machine plane bin/python ## Run the tests of the example in Python; needs Python 3.10 or later
	go test $(race) -timeout=10m -tags=python -run=Python -count=1 $(TESTFLAGS) ./test/example

# The packages that the example in Python needs.
bin/python: examples/integration/python/requirements.txt
	@python3 -c 'import sys, venv; assert sys.version_info >= (3, 10)' || \
	  { echo 'Python 3.10 or later with its module venv is needed: install it (Debian: apt install python3-venv)' >&2; exit 1; }
	@echo 'installing the packages of $<'
	@python3 -m venv --clear $@
	@$@/bin/pip install --quiet --requirement $<
	@touch $@

.PHONY: test-faults
test-faults: machine plane ## Run the scenarios of faults FAULTS (20) times, with other seeds
	go test $(race) -timeout=$$(( $(FAULTS) * 10 ))m -count=$(FAULTS) $(TESTFLAGS) ./test/faults

.PHONY: fuzz
fuzz: machine ## Fuzz for hours, each test for FUZZTIME (10m); what fails is kept as a seed in testdata
	@for package in $(units); do \
	  for test in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "== $$package $$test"; \
	    go test -run='^$$' -fuzz="^$$test\$$" -fuzztime=$(FUZZTIME) $$package || exit 1; \
	  done; \
	done

.PHONY: bench
bench: build plane ## Measure against the least that a client could write; BENCHFLAGS=-help tells more
	@CGO_ENABLED=0 go build -o bin/ ./test/bench/caches
	go run ./test/bench $(BENCHFLAGS)

.PHONY: bench-pull
bench-pull: build plane ## Measure the inventory and the events of 10,000 pods; BENCHFLAGS=-help tells more
	go run ./test/bench/pull $(BENCHFLAGS)

.PHONY: bench-memory
bench-memory: build ## Measure the memory that 100,000 pods take; BENCHFLAGS=-help tells more
	go run ./test/bench/memory $(BENCHFLAGS)

##@ To install it

.PHONY: image
image: machine ## Build the container image, without a container engine, into bin/image/
	@go run -C hack/image . build $(IMAGEFLAGS)

.PHONY: image-verify
image-verify: machine ## Check the image in bin/image/, and that a build elsewhere gives the same bytes
	@go run -C hack/image . verify -rebuild $(IMAGEFLAGS)

# Where the image of install.yaml is.
IMAGE ?=

.PHONY: install-yaml
install-yaml: plane ## Write bin/install.yaml, the whole installation in one file, as in: make install-yaml IMAGE=registry/name:tag
	@[[ -n '$(IMAGE)' ]] || { echo 'IMAGE is empty: name the image, as in: make install-yaml IMAGE=registry.example.org/xos-controller-manager:v1' >&2; exit 1; }
	@mkdir -p bin
	@go run ./hack/plane kubectl kustomize config | sed 's|image: xos-controller-manager:.*|image: $(IMAGE)|' >bin/install.yaml
	@echo 'bin/install.yaml: kubectl apply --server-side -f bin/install.yaml'

##@ Before a commit

.PHONY: generate
generate: ## Regenerate what is derived from apis/ and from the RBAC markers: CRDs, clients, roles, chart, config/
	hack/update-codegen.sh
	go tool controller-gen rbac:roleName=xos-controller-manager \
	  paths=./cmd/... paths=./controllers/... paths=./pull/... output:rbac:artifacts:config=deploy
	hack/update-chart.sh

.PHONY: fmt
fmt: bin/golangci-lint ## Format the code and sort its imports
	bin/golangci-lint fmt

.PHONY: verify
verify: machine ## Check generated files, modules, formatting and go vet; changes nothing
	@hack/verify.sh

.PHONY: lint
lint: bin/golangci-lint ## Run the linters
	bin/golangci-lint run ./...
	@# The flags are those by which the control plane and Argo CD are built, so
	@# that what they are made of is not compiled once more.
	cd hack/localplane && CGO_ENABLED=0 GOFLAGS=-trimpath ../../bin/golangci-lint run --config=../../.golangci.yml ./...
	cd hack/argocd && CGO_ENABLED=0 GOFLAGS=-trimpath ../../bin/golangci-lint run --config=../../.golangci.yml ./...
	cd hack/image && ../../bin/golangci-lint run --config=../../.golangci.yml ./...
	cd hack/alerts && ../../bin/golangci-lint run --config=../../.golangci.yml ./...

.PHONY: clean
clean: ## Remove bin/; the control plane's programs stay in Go's build cache
	rm -rf bin

# What the other targets use.

.PHONY: machine
machine:
	@hack/verify-machine.sh

.PHONY: plane
plane: machine
	@go run ./hack/plane build >/dev/null

.PHONY: tools
tools: machine
	@go run ./hack/plane tool helm flux argocd >/dev/null

bin/golangci-lint: hack/tools/go.mod hack/tools/go.sum
	@echo 'building golangci-lint (first time only, about 1 minute)'
	@mkdir -p bin
	@cd hack/tools && CGO_ENABLED=0 go build -trimpath -o ../../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
