package launch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"xos.opencord.org/kubernetes-service/hack/localplane/internal/certs"
	"xos.opencord.org/kubernetes-service/hack/localplane/internal/process"
)

const (
	probeInterval = 50 * time.Millisecond
	probeTimeout  = 2 * time.Second
	// sayInterval is how often a wait that goes on says what it waits for.
	sayInterval = 5 * time.Second
)

// await tries until it succeeds or ctx ends; it then says what the last try
// lacked. What names what is waited for.
func (p *Plane) await(ctx context.Context, what string, try func(context.Context) error) error {
	began := time.Now()
	said := began
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		if time.Since(said) >= sayInterval {
			said = time.Now()
			p.progress.say("still waiting for %s: %v", what, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %v for %s: %w", time.Since(began).Round(time.Millisecond), what, err)
		case <-tick.C:
		}
	}
}

// awaitChild waits until the component answers 200 at url. An error names its
// log and the log's last lines.
func (p *Plane) awaitChild(ctx context.Context, child *process.Child, client *http.Client, url string) error {
	err := p.await(ctx, child.Name(), func(ctx context.Context) error { return get(ctx, client, url) })
	if err != nil {
		return fmt.Errorf("%w; its log is %s and ends with:\n%s", err, child.Log(), process.Tail(child.Log()))
	}
	p.progress.say("%s answers at %s", child.Name(), url)
	return nil
}

// get succeeds where url answers 200.
func get(ctx context.Context, client *http.Client, url string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, failedChecks(string(body)))
	}
	return nil
}

// failedChecks returns the lines of a verbose health report that begin with
// "[-]", or the first line of what is no such report.
func failedChecks(body string) string {
	var failed []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "[-]") {
			failed = append(failed, strings.TrimSpace(line))
		}
	}
	if len(failed) == 0 {
		first, _, _ := strings.Cut(body, "\n")
		return first
	}
	return strings.Join(failed, ", ")
}

// probeClient trusts the authority and shows pair.
func probeClient(authority, pair certs.Pair) (*http.Client, error) {
	raw, err := os.ReadFile(authority.Cert)
	if err != nil {
		return nil, fmt.Errorf("read the authority's certificate: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(raw) {
		return nil, fmt.Errorf("%s holds no certificate", authority.Cert)
	}
	cert, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		return nil, fmt.Errorf("load the client certificate: %w", err)
	}
	config := &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, Proxy: nil}}, nil
}
