package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

var record = flag.Bool("record", false, "write down what the API server answers, for the tests of controllers/apistatus")

const (
	inputs     = "testdata/answers"
	recordings = "../../controllers/apistatus/testdata"
)

// TestTheServerAnswersAsRecorded sends what users have sent, and compares the answer
// with the one that controllers/apistatus is tested with, as that reads them: ports and
// the order of fields differ from try to try. The last document of an input is the one
// that is refused; its first comment says how it is sent.
func TestTheServerAnswersAsRecorded(t *testing.T) {
	files, err := filepath.Glob(inputs + "/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	hook := denyingWebhook(t)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			got := asked(t, string(text), hook)
			path := filepath.Join(recordings, name+".json")
			if *record {
				require.NoError(t, os.MkdirAll(recordings, 0o755))
				require.NoError(t, os.WriteFile(path, got, 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, readAnswer(t, want), readAnswer(t, got))
		})
	}
}

// asked sends the documents of an input and returns the server's answer to the last.
func asked(t *testing.T, text string, hook *httptest.Server) []byte {
	t.Helper()
	p := plane.Shared(t)
	namespace := plane.Namespace(t, p)
	for name, value := range map[string]string{
		"$ns": namespace, "$webhook": hook.URL, "$ca": authorityOf(hook), "$long": strings.Repeat("open-sesame", 30000),
	} {
		text = strings.ReplaceAll(text, name, value)
	}
	how, _, _ := strings.Cut(text, "\n")
	documents := strings.Split(text, "\n---\n")
	var refused error
	for i, document := range documents {
		last := i == len(documents)-1
		config := rest.CopyConfig(p.Config())
		if _, user, as := strings.Cut(how, " as "); as && !strings.Contains(document, "# by admin") {
			config.Impersonate.UserName = user
		}
		if strings.Contains(document, "# end the namespace") {
			end(t, config, namespace)
		}
		manager := "xos"
		if strings.Contains(document, "# by flux") {
			manager = "flux"
		}
		var object unstructured.Unstructured
		require.NoError(t, yaml.Unmarshal([]byte(document), &object.Object))
		send := func(ctx context.Context) error {
			return sent(ctx, config, how, manager, namespace, object.DeepCopy())
		}
		if clusterScoped[object.GetKind()] || object.GetKind() == "Service" {
			t.Cleanup(func() { withdraw(t, p.Config(), namespace, &object) })
		}
		if !last {
			require.NoError(t, send(t.Context()), document)
			continue
		}
		until := strings.Contains(how, "until refused")
		plane.Wait(t, time.Minute, func(ctx context.Context) (bool, string) {
			refused = send(ctx)
			inForce := refused != nil && !apierrors.IsNotFound(refused) && !strings.Contains(refused.Error(), " cannot patch resource ")
			return !until || inForce, fmt.Sprintf("not refused: %v", refused)
		})
	}
	require.Error(t, refused)
	var answer *apierrors.StatusError
	require.True(t, errors.As(refused, &answer), "%T %v", refused, refused)
	data, err := json.MarshalIndent(answer.ErrStatus, "", "  ")
	require.NoError(t, err)
	return append([]byte(strings.NewReplacer(namespace, "shop", hook.URL, "https://127.0.0.1:1").Replace(string(data))), '\n')
}

func sent(ctx context.Context, config *rest.Config, how, manager, namespace string, object *unstructured.Unstructured) error {
	client := clientFor(config, namespace, object)
	var err error
	if strings.HasPrefix(how, "# create") {
		_, err = client.Create(ctx, object, metav1.CreateOptions{FieldManager: manager, FieldValidation: metav1.FieldValidationStrict})
		return err
	}
	_, err = client.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: manager})
	return err
}

// clientFor is the client of an object, which is in the test's namespace where it does
// not name another.
func clientFor(config *rest.Config, namespace string, object *unstructured.Unstructured) dynamic.ResourceInterface {
	plural, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
	client := dynamic.NewForConfigOrDie(config).Resource(plural)
	switch {
	case clusterScoped[object.GetKind()]:
		return client
	case object.GetNamespace() != "":
		return client.Namespace(object.GetNamespace())
	}
	return client.Namespace(namespace)
}

// withdraw deletes an object that would be in the way of other tests: an APIService
// without a server keeps namespaces from ending, and a Service has its node port until
// its namespace has ended.
func withdraw(t *testing.T, config *rest.Config, namespace string, object *unstructured.Unstructured) {
	t.Helper()
	err := clientFor(config, namespace, object).Delete(context.Background(), object.GetName(), metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Errorf("delete %s %s: %v", object.GetKind(), object.GetName(), err)
	}
}

var clusterScoped = map[string]bool{
	"Namespace": true, "CustomResourceDefinition": true, "APIService": true, "ValidatingWebhookConfiguration": true,
	"ValidatingAdmissionPolicy": true, "ValidatingAdmissionPolicyBinding": true,
}

func end(t *testing.T, config *rest.Config, namespace string) {
	t.Helper()
	client := kubernetes.NewForConfigOrDie(config)
	require.NoError(t, client.CoreV1().Namespaces().Delete(t.Context(), namespace, metav1.DeleteOptions{}))
	t.Cleanup(func() {
		held := dynamic.NewForConfigOrDie(config).Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}).Namespace(namespace)
		_, err := held.Patch(context.Background(), "held", "application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
		require.NoError(t, err)
	})
}

// denyingWebhook denies everything, with the code that its path names.
func denyingWebhook(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		result := &metav1.Status{Message: "every object\nneeds the label cost-centre"}
		if code, err := strconv.Atoi(strings.Trim(r.URL.Path, "/")); err == nil {
			result.Code = int32(code)
		}
		review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Result: result}
		_ = json.NewEncoder(w).Encode(review)
	}))
	t.Cleanup(server.Close)
	return server
}

func authorityOf(server *httptest.Server) string {
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

// readAnswer is an answer as it counts: its code, its reason, and what is made of it.
func readAnswer(t *testing.T, recorded []byte) []any {
	t.Helper()
	var status metav1.Status
	require.NoError(t, json.Unmarshal(recorded, &status))
	return []any{status.Code, status.Reason, apistatus.Read(&apierrors.StatusError{ErrStatus: status})}
}
