package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// authoritiesModule is the module of Mozilla's list of certificate authorities, as the Go project
// publishes it.
const authoritiesModule = "golang.org/x/crypto/x509roots/fallback"

// authorities returns the certificate authorities for the image, as the file that Go and every other
// program reads. A file costs the process nothing until it is read, which it is only for a Kafka
// with TLS whose authority no flag names, and an operator can mount another one over it.
//
// Authorities that Mozilla trusts up to a date only are left out, because a file can't express that.
func authorities() ([]byte, error) {
	var out bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			return nil, fmt.Errorf("authority in %s: %w", authoritiesModule, err)
		}
		fmt.Fprintf(&out, "# %s\n", certificate.Subject)
		if err := pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// authoritiesOrigin returns the module that the authorities are of, for the licences and the SBOM.
func authoritiesOrigin(ctx context.Context, p platform) (*module, error) {
	packages, err := list(ctx, ".", p, authoritiesModule+"/bundle")
	if err != nil {
		return nil, err
	}
	if len(packages) != 1 || packages[0].Module == nil {
		return nil, fmt.Errorf("go list does not know module %s: run it in hack/image", authoritiesModule)
	}
	of := packages[0].Module
	m := &module{path: of.Path, version: of.Version, dir: of.Dir, texts: map[string][]byte{}}
	return m, m.addTexts(packages[0].Dir)
}
