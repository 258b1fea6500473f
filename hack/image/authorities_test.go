package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// TestAuthoritiesAreReadAsGoReadsAFile checks that no certificate is lost between the list and the pool
// that Go makes of the file.
func TestAuthoritiesAreReadAsGoReadsAFile(t *testing.T) {
	content, err := authorities()
	require.NoError(t, err)
	want := x509.NewCertPool()
	unlimited := 0
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		require.NoError(t, err)
		if root.Constraint == nil {
			want.AddCert(certificate)
			unlimited++
		}
		assert.Equal(t, root.Constraint == nil, bytes.Contains(content, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})), certificate.Subject)
	}
	got := x509.NewCertPool()
	require.True(t, got.AppendCertsFromPEM(content))
	assert.True(t, got.Equal(want))
	assert.Greater(t, unlimited, 50, "the list is as long as such a list is")
}
