package guard

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"

	certutil "k8s.io/client-go/util/cert"
)

// rereadAfter is how long a certificate is used before its files are looked at again.
const rereadAfter = 10 * time.Second

// TLSConfig returns the configuration of a server whose certificate is in two files (PEM), which
// are read anew when they have changed; without files, with one that is signed by itself and made
// anew at each start.
func TLSConfig(certFile, keyFile string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if certFile == "" {
		cert, key, err := certutil.GenerateSelfSignedCertKey("xos-controller-manager", nil, nil)
		if err != nil {
			return nil, fmt.Errorf("make a certificate: %w", err)
		}
		own, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("make a certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{own}
		return config, nil
	}
	files := &certificateFiles{cert: certFile, key: keyFile}
	if _, err := files.current(nil); err != nil {
		return nil, err
	}
	config.GetCertificate = files.current
	return config, nil
}

// certificateFiles is a certificate that may be rotated.
type certificateFiles struct {
	cert, key string

	mu       sync.Mutex
	checked  time.Time
	modified time.Time
	last     *tls.Certificate
}

// current returns the certificate, as tls.Config.GetCertificate does. While the files can't be
// read, as in the midst of a rotation, the last one stays.
func (f *certificateFiles) current(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last != nil && time.Since(f.checked) < rereadAfter {
		return f.last, nil
	}
	f.checked = time.Now()
	info, err := os.Stat(f.cert)
	if err == nil && f.last != nil && info.ModTime().Equal(f.modified) {
		return f.last, nil
	}
	if err == nil {
		var read tls.Certificate
		if read, err = tls.LoadX509KeyPair(f.cert, f.key); err == nil {
			f.last, f.modified = &read, info.ModTime()
			return f.last, nil
		}
	}
	if f.last != nil {
		return f.last, nil
	}
	return nil, fmt.Errorf("read the certificate of the metrics: %w", err)
}
