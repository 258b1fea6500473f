package controllers

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"

	"k8s.io/client-go/rest"
)

// managerNamespace is the namespace of the ServiceAccount that a configuration
// authenticates as, which its token names; empty where it is no ServiceAccount. The
// token is our own, so that nothing has to be verified, and nobody has to be asked.
func managerNamespace(config *rest.Config) string {
	token := config.BearerToken
	if config.BearerTokenFile != "" { // as client-go has it, the file comes first
		if content, err := os.ReadFile(config.BearerTokenFile); err == nil {
			token = strings.TrimSpace(string(content))
		}
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	rest, ok := strings.CutPrefix(claims.Subject, "system:serviceaccount:")
	namespace, _, _ := strings.Cut(rest, ":")
	if !ok {
		return ""
	}
	return namespace
}
