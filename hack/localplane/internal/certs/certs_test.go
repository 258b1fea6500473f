package certs

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func readCert(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	der, err := readPEM(path)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return cert
}

func poolOf(t *testing.T, a *Authority) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(readCert(t, a.Pair().Cert))
	return pool
}

func TestAServerCertificateServesItsHostsAndNoOther(t *testing.T) {
	a, err := OpenAuthority(t.TempDir(), "test")
	require.NoError(t, err)
	pair, err := a.Issue("server", Leaf{CommonName: "server", Hosts: []string{"127.0.0.1", "localhost"}})
	require.NoError(t, err)

	cert := readCert(t, pair.Cert)
	_, err = cert.Verify(x509.VerifyOptions{Roots: poolOf(t, a), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	require.NoError(t, err)
	require.NoError(t, cert.VerifyHostname("127.0.0.1"))
	require.NoError(t, cert.VerifyHostname("localhost"))
	require.Error(t, cert.VerifyHostname("example.com"))
	_, err = tls.LoadX509KeyPair(pair.Cert, pair.Key)
	require.NoError(t, err, "certificate and key have to belong together")
}

func TestAClientCertificateNamesUserAndGroupsAndServesNothing(t *testing.T) {
	a, err := OpenAuthority(t.TempDir(), "test")
	require.NoError(t, err)
	pair, err := a.Issue("admin", Leaf{CommonName: "admin", Groups: []string{"system:masters"}})
	require.NoError(t, err)

	cert := readCert(t, pair.Cert)
	require.Equal(t, "admin", cert.Subject.CommonName)
	require.Equal(t, []string{"system:masters"}, cert.Subject.Organization)
	require.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, cert.ExtKeyUsage)
	_, err = cert.Verify(x509.VerifyOptions{Roots: poolOf(t, a), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	require.Error(t, err)
}

func TestAnAuthorityIsKeptFromOneRunToTheNext(t *testing.T) {
	dir := t.TempDir()
	first, err := OpenAuthority(dir, "test")
	require.NoError(t, err)
	second, err := OpenAuthority(dir, "test")
	require.NoError(t, err)
	require.Equal(t, first.cert.Raw, second.cert.Raw)

	pair, err := second.Issue("late", Leaf{CommonName: "late"})
	require.NoError(t, err)
	_, err = readCert(t, pair.Cert).Verify(x509.VerifyOptions{Roots: poolOf(t, first), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	require.NoError(t, err, "who trusts the authority of the first run trusts what the second one issues")
}

func TestTwoAuthoritiesDoNotTrustEachOther(t *testing.T) {
	one, err := OpenAuthority(t.TempDir(), "test")
	require.NoError(t, err)
	other, err := OpenAuthority(t.TempDir(), "test")
	require.NoError(t, err)
	pair, err := one.Issue("client", Leaf{CommonName: "client"})
	require.NoError(t, err)
	_, err = readCert(t, pair.Cert).Verify(x509.VerifyOptions{Roots: poolOf(t, other), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	require.Error(t, err)
}

func TestABrokenAuthorityIsAnErrorThatNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ca.crt")
	require.NoError(t, os.WriteFile(path, []byte("nonsense"), 0o600))
	_, err := OpenAuthority(dir, "test")
	require.ErrorContains(t, err, path+" holds no PEM block")
}

func TestKeysAreReadableByTheirOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	a, err := OpenAuthority(dir, "test")
	require.NoError(t, err)
	pair, err := a.Issue("client", Leaf{CommonName: "client"})
	require.NoError(t, err)
	token, err := OpenTokenKey(dir)
	require.NoError(t, err)
	for _, path := range []string{a.Pair().Key, pair.Key, token.Private} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), path)
	}
}

func TestTheTokenKeyIsAPairAndIsKept(t *testing.T) {
	dir := t.TempDir()
	pair, err := OpenTokenKey(dir)
	require.NoError(t, err)
	private, err := os.ReadFile(pair.Private)
	require.NoError(t, err)
	public, err := os.ReadFile(pair.Public)
	require.NoError(t, err)

	block, _ := pem.Decode(private)
	key, err := x509.ParseECPrivateKey(block.Bytes)
	require.NoError(t, err)
	block, _ = pem.Decode(public)
	half, err := x509.ParsePKIXPublicKey(block.Bytes)
	require.NoError(t, err)
	require.True(t, key.PublicKey.Equal(half.(*ecdsa.PublicKey)))

	_, err = OpenTokenKey(dir)
	require.NoError(t, err)
	again, err := os.ReadFile(pair.Private)
	require.NoError(t, err)
	require.Equal(t, private, again)
}
