package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
)

// TokenKey names the key pair that signs service account tokens.
type TokenKey struct {
	Private string
	Public  string
}

// OpenTokenKey returns the pair kept in dir (sa.key, sa.pub), which has to
// exist. A pair that is there is kept, so that tokens handed out before a
// restart stay valid.
func OpenTokenKey(dir string) (TokenKey, error) {
	pair := TokenKey{Private: filepath.Join(dir, "sa.key"), Public: filepath.Join(dir, "sa.pub")}
	// The public half is written last: where it is, the pair is whole.
	if _, err := os.Stat(pair.Public); err == nil {
		return pair, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return TokenKey{}, fmt.Errorf("generate the service account key: %w", err)
	}
	if err := writeKey(pair.Private, key); err != nil {
		return TokenKey{}, fmt.Errorf("write the service account key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return TokenKey{}, fmt.Errorf("encode the service account's public key: %w", err)
	}
	if err := writePEM(pair.Public, "PUBLIC KEY", der); err != nil {
		return TokenKey{}, fmt.Errorf("write the service account's public key: %w", err)
	}
	return pair, nil
}
