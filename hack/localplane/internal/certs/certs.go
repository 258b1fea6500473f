// Package certs makes the keys and certificates by which the parts of a local
// control plane know each other: authorities, leaf certificates, and the key
// pair that signs service account tokens. It knows files and crypto, and
// nothing of Kubernetes.
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	authorityLifetime = 10 * 365 * 24 * time.Hour
	leafLifetime      = 365 * 24 * time.Hour
	// backdate lets a certificate pass on a machine whose clock is set back a little.
	backdate = time.Hour
)

// Pair names a certificate and its private key, both PEM files.
type Pair struct {
	Cert string
	Key  string
}

// Leaf says who a certificate is for.
type Leaf struct {
	// CommonName is the user name where the certificate is shown to the API server.
	CommonName string
	// Groups are the user's groups there; empty for a plain server.
	Groups []string
	// Hosts are the DNS names and IP addresses it serves as; left out, it
	// identifies a client only.
	Hosts []string
}

// Authority signs leaf certificates and keeps its own in a directory.
type Authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// OpenAuthority reads the authority kept in dir (ca.crt, ca.key) or makes a new
// one there, named commonName, when there is none. One that is there is kept,
// so that clients of a plane that is started anew still trust it.
func OpenAuthority(dir, commonName string) (*Authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of authority %q: %w", commonName, err)
	}
	a := &Authority{dir: dir}
	err := a.load()
	if errors.Is(err, fs.ErrNotExist) {
		err = a.create(commonName)
	}
	if err != nil {
		return nil, fmt.Errorf("authority %q in %s: %w", commonName, dir, err)
	}
	return a, nil
}

// Pair names the authority's own certificate and key.
func (a *Authority) Pair() Pair { return pairIn(a.dir, "ca") }

// Issue writes a new key and certificate for leaf as <name>.key and <name>.crt
// beside the authority's, over those of an earlier run.
func (a *Authority) Issue(name string, leaf Leaf) (Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, fmt.Errorf("generate the key of %q: %w", name, err)
	}
	template, err := newTemplate(leaf.CommonName, leafLifetime)
	if err != nil {
		return Pair{}, err
	}
	template.Subject.Organization = leaf.Groups
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if len(leaf.Hosts) > 0 {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	for _, host := range leaf.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	pair := pairIn(a.dir, name)
	if err := writePair(pair, template, a.cert, key, a.key); err != nil {
		return Pair{}, fmt.Errorf("issue certificate %q: %w", name, err)
	}
	return pair, nil
}

func (a *Authority) load() error {
	pair := a.Pair()
	der, err := readPEM(pair.Cert)
	if err != nil {
		return err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return fmt.Errorf("parse %s: %w", pair.Cert, err)
	}
	if der, err = readPEM(pair.Key); err != nil {
		return err
	}
	if a.key, err = x509.ParseECPrivateKey(der); err != nil {
		return fmt.Errorf("parse %s: %w", pair.Key, err)
	}
	return nil
}

func (a *Authority) create(commonName string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("generate key: %w", err)
	}
	template, err := newTemplate(commonName, authorityLifetime)
	if err != nil {
		return err
	}
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	if err := writePair(a.Pair(), template, template, key, key); err != nil {
		return err
	}
	return a.load()
}

func newTemplate(commonName string, lifetime time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("draw a serial number for %q: %w", commonName, err)
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName},
		NotBefore:    now.Add(-backdate),
		NotAfter:     now.Add(lifetime),
	}, nil
}

func writePair(pair Pair, template, issuer *x509.Certificate, key, issuerKey *ecdsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, issuerKey)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	// The key goes first: a certificate that is there has its key.
	if err := writeKey(pair.Key, key); err != nil {
		return err
	}
	return writePEM(pair.Cert, "CERTIFICATE", der)
}

func pairIn(dir, name string) Pair {
	return Pair{Cert: filepath.Join(dir, name+".crt"), Key: filepath.Join(dir, name+".key")}
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return writePEM(path, "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

func readPEM(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM block", path)
	}
	return block.Bytes, nil
}
