package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// How BuildKit marks a manifest in an index that attests something of another one. Docker shows the
// SBOM of such an image, and other clients skip the manifest because of its platform.
const (
	attestationTypeKey = "vnd.docker.reference.type"
	attestationType    = "attestation-manifest"
	attestedDigestKey  = "vnd.docker.reference.digest"
	predicateTypeKey   = "in-toto.io/predicate-type"
	// artifactType is the type under which a registry lists the manifest among the image's referrers.
	artifactType = "application/vnd.docker.attestation.manifest.v1+json"

	statementMediaType = "application/vnd.in-toto+json"
	statementType      = "https://in-toto.io/Statement/v1"
	spdxPredicate      = "https://spdx.dev/Document"
)

// annotations are on the index, on each manifest, and as labels in each image's configuration.
func annotations(o origin) map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":       program,
		"org.opencontainers.image.description": "Controllers of the XOS Kubernetes Service: XOS models are custom resources, pods are inventoried, and their lifecycle goes to Kafka",
		"org.opencontainers.image.licenses":    "Apache-2.0",
		"org.opencontainers.image.version":     o.version,
		"org.opencontainers.image.revision":    o.revision,
		"org.opencontainers.image.created":     o.created.Format(time.RFC3339),
	}
}

// newImage returns the image of one platform: a single layer, and what starts in it.
func newImage(files rootfs, p platform, o origin) (v1.Image, error) {
	content, err := files.tar(o.created)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		tarball.WithMediaType(types.OCILayer), tarball.WithCompressionLevel(gzip.BestCompression), tarball.WithCompressedCaching)
	if err != nil {
		return nil, err
	}
	created := v1.Time{Time: o.created}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{
		OS: "linux", Architecture: p.arch(), Created: created,
		RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{
			User:       fmt.Sprintf("%d:%d", user, user),
			Entrypoint: []string{"/" + program},
			WorkingDir: "/",
			Labels:     annotations(o),
		},
	})
	if err != nil {
		return nil, err
	}
	image, err = mutate.Append(image, mutate.Addendum{
		Layer: layer, MediaType: types.OCILayer,
		History: v1.History{Created: created, CreatedBy: "hack/image", Comment: "the program, its licences, SBOM and certificate authorities"},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Annotations(image, annotations(o)).(v1.Image), nil
}

// statement is what in-toto calls one: it says of an image, by its digest, what is in it.
type statement struct {
	Type          string          `json:"_type"`
	Subject       []subject       `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// attest returns the SBOM as a manifest that refers to its image, so that a registry lists it among
// the image's referrers.
func attest(of *v1.Descriptor, sbom []byte, p platform) (v1.Image, error) {
	text, err := json.Marshal(statement{
		Type:          statementType,
		Subject:       []subject{{Name: "pkg:oci/" + program + "?platform=linux%2F" + p.arch(), Digest: map[string]string{of.Digest.Algorithm: of.Digest.Hex}}},
		PredicateType: spdxPredicate,
		Predicate:     sbom,
	})
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), artifactType)
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{OS: "unknown", Architecture: "unknown", RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		return nil, err
	}
	image, err = mutate.Append(image, mutate.Addendum{
		Layer: static.NewLayer(text, statementMediaType), MediaType: statementMediaType,
		Annotations: map[string]string{predicateTypeKey: spdxPredicate},
	})
	if err != nil {
		return nil, err
	}
	referring := mutate.Subject(image, v1.Descriptor{MediaType: of.MediaType, Size: of.Size, Digest: of.Digest})
	return referring.(v1.Image), nil
}

// built is what was made for one platform.
type built struct {
	platform platform
	files    rootfs
	image    v1.Image
}

// newIndex returns the images of some platforms, and the SBOM of each, as one.
func newIndex(images []built, o origin) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	var attestations []mutate.IndexAddendum
	for _, b := range images {
		of, err := partial.Descriptor(b.image)
		if err != nil {
			return nil, err
		}
		sbom, err := attest(of, b.files.find(inventoryFile), b.platform)
		if err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: b.image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: b.platform.arch()}},
		})
		attestations = append(attestations, mutate.IndexAddendum{
			Add: sbom, Descriptor: v1.Descriptor{
				Platform:    &v1.Platform{OS: "unknown", Architecture: "unknown"},
				Annotations: map[string]string{attestationTypeKey: attestationType, attestedDigestKey: of.Digest.String()},
			},
		})
	}
	index = mutate.AppendManifests(index, attestations...)
	return mutate.Annotations(index, annotations(o)).(v1.ImageIndex), nil
}
