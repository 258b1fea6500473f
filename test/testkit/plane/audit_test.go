package plane

import (
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/hack/plane/audit"
)

func TestTheAuditLogNamesWhoAskedForWhatAndInWhoseName(t *testing.T) {
	p := Shared(t)
	namespace := Namespace(t, p)
	mark := p.AuditMark(t)
	config := p.Config()
	config.Impersonate = rest.ImpersonationConfig{UserName: "jane"}
	jane, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	_, err = jane.CoreV1().Secrets(namespace).Get(t.Context(), "keys", metav1.GetOptions{})
	require.Error(t, err)

	var of []audit.Event
	for _, event := range p.AuditSince(t, mark) {
		if event.ObjectRef != nil && event.ObjectRef.Namespace == namespace && event.Actor() == "jane" {
			of = append(of, event)
		}
	}
	require.Len(t, of, 1)
	require.Equal(t, audit.Object{Resource: "secrets", Namespace: namespace, Name: "keys"}, *of[0].ObjectRef)
	require.Equal(t, "get", of[0].Verb)
	require.Equal(t, 403, of[0].Code())
	require.NotEqual(t, "jane", of[0].User.Username)
	require.Contains(t, of[0].String(), "by "+of[0].User.Username+" as jane: 403")
}
