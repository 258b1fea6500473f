package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// checked is what was found in the image of one platform.
type checked struct {
	platform platform
	files    int
	modules  int
	sbom     []byte
	// ran says that the program was started, or is empty.
	ran string
}

// checkArchive checks an archive from its bytes on: that it is an OCI image layout, that each digest
// is that of its blob, and what is in each image.
func checkArchive(ctx context.Context, archive string) ([]checked, error) {
	dir, err := os.MkdirTemp("", "image-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := unpack(archive, dir); err != nil {
		return nil, err
	}
	outer, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("it is no OCI image layout: %w", err)
	}
	if err := validate.Index(outer); err != nil {
		return nil, err
	}
	entries, err := outer.IndexManifest()
	if err != nil {
		return nil, err
	}
	if len(entries.Manifests) != 1 {
		return nil, fmt.Errorf("index.json has %d entries: Podman and Skopeo want one", len(entries.Manifests))
	}
	index, err := outer.ImageIndex(entries.Manifests[0].Digest)
	if err != nil {
		return nil, err
	}
	return checkIndex(ctx, index)
}

// checkIndex checks each image of an index, and that its SBOM is attested.
func checkIndex(ctx context.Context, index v1.ImageIndex) ([]checked, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	attested := map[string]v1.Image{}
	for _, d := range manifest.Manifests {
		if d.Annotations[attestationTypeKey] == attestationType {
			if attested[d.Annotations[attestedDigestKey]], err = index.Image(d.Digest); err != nil {
				return nil, err
			}
		}
	}
	var all []checked
	for _, d := range manifest.Manifests {
		if d.Annotations[attestationTypeKey] != "" {
			continue
		}
		image, err := index.Image(d.Digest)
		if err != nil {
			return nil, err
		}
		found, err := checkImage(ctx, image)
		if err != nil {
			return nil, fmt.Errorf("image of %s: %w", d.Platform, err)
		}
		if err := checkAttestation(attested[d.Digest.String()], d, found.sbom); err != nil {
			return nil, fmt.Errorf("SBOM of the image of %s: %w", d.Platform, err)
		}
		all = append(all, found)
	}
	if len(all) == 0 {
		return nil, errors.New("there is no image in the index")
	}
	return all, nil
}

func checkAttestation(attestation v1.Image, of v1.Descriptor, sbom []byte) error {
	if attestation == nil {
		return errors.New("no manifest attests it")
	}
	manifest, err := attestation.Manifest()
	if err != nil {
		return err
	}
	if manifest.Subject == nil || manifest.Subject.Digest != of.Digest || manifest.Subject.Size != of.Size {
		return fmt.Errorf("its manifest refers to %v, not to the image %s", manifest.Subject, of.Digest)
	}
	if len(manifest.Layers) != 1 || manifest.Layers[0].MediaType != statementMediaType {
		return fmt.Errorf("its manifest has not one blob of type %s", statementMediaType)
	}
	layers, err := attestation.Layers()
	if err != nil {
		return err
	}
	blob, err := layers[0].Compressed()
	if err != nil {
		return err
	}
	defer blob.Close()
	var s statement
	if err := json.NewDecoder(blob).Decode(&s); err != nil {
		return fmt.Errorf("its statement: %w", err)
	}
	if len(s.Subject) != 1 || s.Subject[0].Digest["sha256"] != of.Digest.Hex {
		return fmt.Errorf("its statement is about %v, not about the image %s", s.Subject, of.Digest)
	}
	var inImage bytes.Buffer
	if err := json.Compact(&inImage, sbom); err != nil {
		return err
	}
	if !bytes.Equal(s.Predicate, inImage.Bytes()) {
		return fmt.Errorf("it is another one than %s", inventoryFile)
	}
	return nil
}

// unpack unpacks an archive, and checks that each blob is what its name says.
func unpack(archive, dir string) error {
	in, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer in.Close()
	for r := tar.NewReader(in); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if !filepath.IsLocal(header.Name) {
			return fmt.Errorf("%s is not a path in the archive", header.Name)
		}
		if header.Typeflag == tar.TypeDir {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(content); path.Dir(header.Name) == "blobs/sha256" && path.Base(header.Name) != hex.EncodeToString(sum[:]) {
			return fmt.Errorf("blob %s has the digest %x", header.Name, sum)
		}
		at := filepath.Join(dir, header.Name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, content, 0o644); err != nil {
			return err
		}
	}
}
