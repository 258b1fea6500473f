package launch

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
)

// ReadyFile is where a running plane announces itself.
func (p *Plane) ReadyFile() string { return filepath.Join(p.Dir, "ready.json") }

// Announcement is what a running plane says about itself, in its ready file.
type Announcement struct {
	Kubeconfig string `json:"kubeconfig"`
	Kafka      string `json:"kafka"`
	AuditLog   string `json:"auditLog"`
	Pid        int    `json:"pid"`
}

func (p *Plane) readAnnouncement() (Announcement, error) {
	var a Announcement
	raw, err := os.ReadFile(p.ReadyFile())
	if err != nil {
		return a, fmt.Errorf("read what the plane announces: %w", err)
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, fmt.Errorf("read %s: %w", p.ReadyFile(), err)
	}
	return a, nil
}

// announced returns whether the launcher with this process ID has announced that
// its plane is up; the word of one that was killed before may still be there.
func (p *Plane) announced(pid int) bool {
	a, err := p.readAnnouncement()
	return err == nil && a.Pid == pid
}

// take makes p the plane that announced itself in p.Dir, with the CRDs that it
// shall have.
func (p *Plane) take(ctx context.Context) error {
	a, err := p.readAnnouncement()
	if err != nil {
		return err
	}
	p.Kafka, p.AuditLog = a.Kafka, a.AuditLog
	if err := p.connect(a.Kubeconfig); err != nil {
		return err
	}
	if p.options.CRDs == "" {
		return nil
	}
	return p.InstallCRDs(ctx, p.options.CRDs)
}

func (p *Plane) connect(kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("read the plane's kubeconfig: %w", err)
	}
	config.QPS = -1
	p.kubeconfig, p.config = kubeconfig, config
	return nil
}
