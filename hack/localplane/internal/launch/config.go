package launch

import (
	_ "embed" // the files below config
	"path/filepath"
)

var (
	//go:embed config/audit-policy.yaml
	auditPolicy []byte
	//go:embed config/kwok.yaml
	kwokConfig []byte
)

func (p *Plane) auditPolicyPath() string { return filepath.Join(p.dir.data(), "audit-policy.yaml") }
func (p *Plane) kwokConfigPath() string  { return filepath.Join(p.dir.data(), "kwok.yaml") }

// writeConfig writes the files that command lines refer to.
func (p *Plane) writeConfig() error {
	if err := writeFile(p.auditPolicyPath(), auditPolicy); err != nil {
		return err
	}
	return writeFile(p.kwokConfigPath(), kwokConfig)
}
