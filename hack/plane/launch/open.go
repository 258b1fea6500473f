package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Open starts a plane or takes the one that is up already.
func Open(ctx context.Context, options Options, progress io.Writer) (*Plane, func() error, error) {
	if kubeconfig := os.Getenv(kubeconfigEnv); kubeconfig != "" {
		p, err := attach(ctx, kubeconfig, options)
		return p, func() error { return nil }, err
	}
	p, err := Start(ctx, options, progress)
	if err != nil {
		return nil, nil, err
	}
	return p, func() error { return p.Discard(progress) }, nil
}

// attach takes a plane that is up already, which must have what options ask for.
func attach(ctx context.Context, kubeconfig string, options Options) (*Plane, error) {
	p := &Plane{Dir: filepath.Dir(kubeconfig), options: options}
	if err := p.take(ctx); err != nil {
		return nil, fmt.Errorf("use the plane of %s=%s: %w", kubeconfigEnv, kubeconfig, err)
	}
	if options.Kafka && p.Kafka == "" {
		return nil, errors.New("the plane that is up has no Kafka: start it with --kafka")
	}
	if options.AuditLog && p.AuditLog == "" {
		return nil, errors.New("the plane that is up has no audit log: start it with --audit-log")
	}
	return p, nil
}
