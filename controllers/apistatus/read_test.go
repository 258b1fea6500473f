package apistatus_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
)

const (
	unchangeable = ": take the change back, give the object another name, or delete it to have it recreated"
	denied       = ": change the object, or have the policy changed"
)

// answers are what a real API server has answered, as testdata has it, and how that is
// read.
var answers = map[string]apistatus.Answer{
	"account-missing":                       {xosv1.ReasonForbidden, true, `pods "web" is forbidden: error looking up service account shop/nobody: serviceaccount "nobody" not found`},
	"aggregated-api-away":                   {xosv1.ReasonFailed, false, `the server is currently unable to handle the request`},
	"annotations-too-large":                 {xosv1.ReasonInvalid, true, `ConfigMap "a" is invalid: metadata.annotations: too long, may not be more than 262144 bytes`},
	"another-object-by-uid":                 {xosv1.ReasonConflict, false, `ConfigMap "a": another object has its name by now: trying again`},
	"claim-changed":                         {xosv1.ReasonInvalid, true, `PersistentVolumeClaim "disk" is invalid: spec: forbidden, spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims` + unchangeable},
	"cluster-ip-changed":                    {xosv1.ReasonInvalid, true, `Service "portal" is invalid: spec.ipFamilies[1]: invalid, not configured on this cluster; spec.ipFamilyPolicy: invalid, this cluster is not configured for dual-stack services`},
	"custom-resource-breaks-rules":          {xosv1.ReasonInvalid, true, `Relic.shop.example.org "a" is invalid: spec.again: invalid; spec: invalid`},
	"custom-resource-invalid":               {xosv1.ReasonInvalid, true, `Relic.shop.example.org "a" is invalid: spec.owner: required; spec.state: not supported, supported values: "draft", "published"`},
	"custom-resource-of-wrong-type-created": {xosv1.ReasonInvalid, true, `Relic.shop.example.org "a" is invalid: spec.age: of the wrong type, spec.age in body must be of type integer: "string"`},
	"custom-resource-of-wrong-type":         {xosv1.ReasonInvalid, true, `spec.age: expected numeric (int or float)`},
	"escalation":                            {xosv1.ReasonForbidden, true, `rolebindings.rbac.authorization.k8s.io "more" is forbidden: the manager may not bind this role. Have an administrator give it the verb bind on the ClusterRole (docs/security.md), or take the role out of spec.roles and out of the TrustDomain's spec.allowedRoles`},
	"fields-misspelt-in-a-create":           {xosv1.ReasonInvalid, true, `spec.containers[0].containres: no such field in this version of the kind; spec.containers[0].iamge: no such field in this version of the kind`},
	"fields-misspelt-in-an-apply":           {xosv1.ReasonInvalid, true, `spec.containers[name="web"].iamge: no such field in this version of the kind`},
	"fields-of-another-applier":             {xosv1.ReasonConflict, true, `another manager holds fields (.data.a: conflict with "flux"; .data.b: conflict with "flux"): leave them out of the spec, or have that manager give them up`},
	"immutable-config-map-changed":          {xosv1.ReasonInvalid, true, "ConfigMap \"a\" is invalid: data: forbidden, field is immutable when `immutable` is set" + unchangeable},
	"job-template-changed":                  {xosv1.ReasonInvalid, true, `Job.batch "prepare" is invalid: spec.template: invalid, field is immutable` + unchangeable},
	"kind-not-served":                       {xosv1.ReasonFailed, false, `the server does not serve this kind in this version`},
	"limit-range":                           {xosv1.ReasonForbidden, true, `pods "web" is forbidden: maximum cpu usage per Container is 1, but limit is 2; maximum memory usage per Container is 1Gi, but limit is 2Gi`},
	"list-keys-twice":                       {xosv1.ReasonInvalid, true, `spec.template.spec.containers[name="metrics"].env: there twice, name LEVEL; spec.template.spec.containers[name="metrics"].ports: there twice, containerPort 8080, protocol TCP`},
	"name-taken":                            {xosv1.ReasonConflict, false, `configmaps "a" already exists`},
	"namespace-ending":                      {xosv1.ReasonTerminating, false, `configmaps "late" is forbidden: unable to create new content in namespace shop because it is being terminated`},
	"namespace-missing":                     {xosv1.ReasonFailed, false, `namespaces "nowhere" not found`},
	"no-base64-of-a-secret":                 {xosv1.ReasonInvalid, true, `data holds what is no base64: encode it, or write a Secret's plain text as stringData`},
	"no-quantity":                           {xosv1.ReasonInvalid, true, `a quantity can't be read: write it as 500m, 2 or 1Gi`},
	"no-rights":                             {xosv1.ReasonForbidden, true, `configmaps "extras" is forbidden: User "system:serviceaccount:shop:default" cannot patch resource "configmaps" in API group "" in the namespace "shop"`},
	"no-writes":                             {xosv1.ReasonFailed, false, `the server does not serve this kind in this version`},
	"node-port-taken":                       {xosv1.ReasonInvalid, true, `Service "portal-ext" is invalid: spec.ports[0].nodePort: invalid, provided port is already allocated`},
	"number-for-text-of-a-secret":           {xosv1.ReasonInvalid, true, `data.pin: expected string: put it in quotes`},
	"number-too-large":                      {xosv1.ReasonInvalid, true, `spec.containers.ports.containerPort: expected int32, got number`},
	"numbers-for-texts":                     {xosv1.ReasonInvalid, true, `data.enabled: expected string: put it in quotes; data.list: expected string: put it in quotes; data.map: expected string: put it in quotes; data.port: expected string: put it in quotes`},
	"pod-changed":                           {xosv1.ReasonInvalid, true, "Pod \"web\" is invalid: spec: forbidden, pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if…" + unchangeable},
	"pod-security":                          {xosv1.ReasonForbidden, true, `pods "web" is forbidden: violates PodSecurity "restricted:latest": privileged (container "web" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`},
	"policy-denies":                         {xosv1.ReasonForbidden, true, `configmaps "extras" is forbidden: ValidatingAdmissionPolicy shop denies it: every object needs the label cost-centre` + denied},
	"policy-forbids":                        {xosv1.ReasonForbidden, true, `configmaps "extras" is forbidden: ValidatingAdmissionPolicy shop denies it: every object needs the label cost-centre` + denied},
	"priority-class-missing":                {xosv1.ReasonForbidden, true, `pods "web" is forbidden: no PriorityClass with name high was found`},
	"quota-exceeded":                        {xosv1.ReasonForbidden, true, `pods "web" is forbidden: exceeded quota: small (pods): make do with less, or have the quota raised`},
	"quota-needs-limits":                    {xosv1.ReasonForbidden, true, `pods "web" is forbidden: failed quota: small: must specify limits.cpu for: web; limits.memory for: web`},
	"request-above-limit":                   {xosv1.ReasonInvalid, true, `Pod "web" is invalid: spec.containers[0].resources.requests: invalid, must be less than or equal to cpu limit of 1`},
	"role-ref-changed":                      {xosv1.ReasonInvalid, true, `RoleBinding.rbac.authorization.k8s.io "edit" is invalid: roleRef: invalid, cannot change roleRef` + unchangeable},
	"secret-type-changed":                   {xosv1.ReasonInvalid, true, `Secret "a" is invalid: data[a b]: invalid, a valid config key must consist of alphanumeric characters, '-', '_' or '.'; data[tls.key]: required; type: invalid, field is immutable` + unchangeable},
	"selector-changed":                      {xosv1.ReasonInvalid, true, `Deployment.apps "web" is invalid: spec.selector: invalid, field is immutable` + unchangeable},
	"served-version-removed":                {xosv1.ReasonInvalid, true, `CustomResourceDefinition.apiextensions.k8s.io "lamps.shop.example.org" is invalid: status.storedVersions[0]: invalid, missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions`},
	"service-invalid":                       {xosv1.ReasonInvalid, true, `Service "Broken_Name" is invalid: metadata.labels: invalid, a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character; metadata.name: invalid, a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character; spec.ports[0].port: invalid, must be between 1 and 65535, inclusive; spec.ports[0].protocol: not supported, supported values: "SCTP", "TCP", "UDP"; spec.ports[0].targetPort: invalid, must be between 1 and 65535, inclusive; spec.type: not supported, supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"`},
	"stateful-set-changed":                  {xosv1.ReasonInvalid, true, `StatefulSet.apps "db" is invalid: spec: forbidden, updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden` + unchangeable},
	"value-and-source":                      {xosv1.ReasonInvalid, true, "Pod \"web\" is invalid: spec.containers[0].env[0].valueFrom: invalid, may not be specified when `value` is not empty; spec.containers[0].volumeMounts[0].name: names what does not exist"},
	"webhook-away":                          {xosv1.ReasonFailed, false, `admission webhook check.example.org, which the server has to ask first, does not answer: trying again until it is back, or its configuration is deleted`},
	"webhook-denies-with-400":               {xosv1.ReasonForbidden, true, `admission webhook check.example.org denies it: every object needs the label cost-centre` + denied},
	"webhook-denies-with-500":               {xosv1.ReasonForbidden, true, `admission webhook check.example.org denies it: every object needs the label cost-centre` + denied},
	"webhook-denies":                        {xosv1.ReasonForbidden, true, `admission webhook check.example.org denies it: every object needs the label cost-centre` + denied},
}

// recorded is an answer of a real API server; test/api records it and keeps it true.
func recorded(t *testing.T, name string) *apierrors.StatusError {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	var status metav1.Status
	require.NoError(t, json.Unmarshal(data, &status))
	return &apierrors.StatusError{ErrStatus: status}
}

// secret is in each value that the recorded requests sent.
const secret = "open-sesame"

func TestEachAnswerOfTheServerIsRead(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.Len(t, files, len(answers))
	for name, want := range answers {
		t.Run(name, func(t *testing.T) {
			got := apistatus.Read(fmt.Errorf("apply it: %w", recorded(t, name)))
			want.Text = "apply it: " + want.Text
			assert.Equal(t, want, got)
			assert.NotContains(t, got.Text, secret)
			assert.NotContains(t, got.Text, "\n")
			assert.Less(t, len(got.Text), 1300)
			shown := apistatus.Redact(fmt.Errorf("apply it: %w", recorded(t, name)), nil)
			assert.Equal(t, got, apistatus.Read(fmt.Errorf("%w", shown)), "an error that is fit to be shown stays as it is")
		})
	}
}

func TestTheOrderOfTheServersListDoesNotCount(t *testing.T) {
	for _, name := range []string{"service-invalid", "secret-type-changed", "fields-of-another-applier"} {
		forth, back := recorded(t, name), recorded(t, name)
		slices.Reverse(back.ErrStatus.Details.Causes)
		assert.Equal(t, apistatus.Read(forth), apistatus.Read(back), name)
	}
	for name, swap := range map[string]func(message string) string{
		"numbers-for-texts": func(m string) string {
			lines := strings.Split(m, "\n")
			slices.Reverse(lines[1:])
			return strings.Join(lines, "\n")
		},
		"limit-range": func(m string) string {
			before, list, _ := strings.Cut(m, "[")
			first, second, _ := strings.Cut(strings.TrimSuffix(list, "]"), ", maximum")
			return before + "[maximum" + second + ", " + first + "]"
		},
		"quota-exceeded": func(m string) string { return strings.ReplaceAll(m, "used: pods=0", "used: pods=7") },
		"webhook-away":   func(m string) string { return strings.ReplaceAll(m, "connect: connection refused", "i/o timeout") },
	} {
		answer, swapped := recorded(t, name), recorded(t, name)
		swapped.ErrStatus.Message = swap(swapped.ErrStatus.Message)
		require.NotEqual(t, answer.ErrStatus.Message, swapped.ErrStatus.Message)
		assert.Equal(t, apistatus.Read(answer), apistatus.Read(swapped), name)
	}
}

// answer makes up what no test provokes: an answer in the server's form, with this
// code.
func answer(code int32, message string, causes ...metav1.StatusCause) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Code: code, Message: message, Details: &metav1.StatusDetails{Causes: causes}}}
}

func TestAnswersThatOthersHaveReported(t *testing.T) {
	for sentence, test := range map[string]struct {
		err  error
		want apistatus.Answer
	}{
		"an object that etcd does not take": {answer(500, "etcdserver: request is too large"),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: "it is larger than the server takes: spread it over several objects"}},
		"a request that is too large": {answer(413, "Request entity too large: limit is 3145728"),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: "it is larger than the server takes: spread it over several objects"}},
		"a conversion webhook that is away": {answer(500, `conversion webhook for cert-manager.io/v1alpha2, Kind=Issuer failed: Post "https://hook.cert-manager.svc:443/convert?timeout=30s": x509: certificate signed by unknown authority`),
			apistatus.Answer{Reason: xosv1.ReasonFailed, Text: "the conversion webhook of cert-manager.io/v1alpha2 Issuer, which the server needs to read it, does not answer: trying again until it is back"}},
		"an aggregated API without server-side apply": {answer(415, "the body of the request was in an unknown format - accepted media types include: application/json"),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: "the server has no such request for this kind: it can't be applied"}},
		"too many requests": {answer(429, "the server has received too many requests and has asked us to try again later"),
			apistatus.Answer{Reason: xosv1.ReasonFailed, Text: "the server has received too many requests and has asked us to try again later"}},
		"an etcd that is slow": {answer(500, "etcdserver: request timed out"),
			apistatus.Answer{Reason: xosv1.ReasonFailed, Text: "etcdserver: request timed out"}},
		"another version of the object": {answer(409, `Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again`),
			apistatus.Answer{Reason: xosv1.ReasonConflict, Text: `Operation cannot be fulfilled on deployments.apps "web": the object has been modified`}},
		"another object of the name": {answer(409, `Operation cannot be fulfilled on ConfigMap "a": Precondition failed: UID in precondition: 8e4b2f3e-0000-4000-8000-000000000000, UID in object meta: 1e4b2f3e-0000-4000-8000-000000000000`),
			apistatus.Answer{Reason: xosv1.ReasonConflict, Text: `Operation cannot be fulfilled on ConfigMap "a": it changed meanwhile`}},
		"a Go structure, as older servers quote it": {answer(422, `Job.batch "a" is invalid: spec.template: Invalid value: core.PodTemplateSpec{Value:"open-sesame"}: field is immutable`,
			metav1.StatusCause{Type: "FieldValueInvalid", Field: "spec.template", Message: `Invalid value: core.PodTemplateSpec{Value:"open-sesame"}: field is immutable`}),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: `Job.batch "a" is invalid: spec.template: invalid, field is immutable` + unchangeable}},
		"a detail that quotes the value": {answer(422, `Secret "a" is invalid: data.key`,
			metav1.StatusCause{Type: "FieldValueInvalid", Field: "data.key", Message: `Invalid value: "open-sesame": no open-sesame here`}),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: `Secret "a" is invalid: data.key: invalid, no … here`}},
		"an item of a set that is there twice": {answer(500, `failed to create typed patch object (/a; example.org/v1, Kind=A): .spec.hosts: duplicate entries for key ["open-sesame"]`),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: "spec.hosts: there twice"}},
		"a value that looks like another line": {answer(500, `failed to create typed patch object (/a; /v1, Kind=ConfigMap): errors:`+"\n"+`  .data.a: expected string, got &value.valueUnstructured{Value:"x`+"\n"+`  open-sesame"}`),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: "data.a: expected string: put it in quotes"}},
		"an item without its key": {answer(500, `failed to create typed patch object (/a; /v1, Kind=Pod): .spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn't have default value)`),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: "spec.containers: an entry has no name"}},
		"a list for an object": {answer(400, `Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: "spec.replicas: expected int32, got string"}},
		"a time": {answer(400, `Job in version "v1" cannot be handled as a Job: parsing time "open-sesame" as "2006-01-02T15:04:05Z07:00": cannot parse`),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: "a time can't be read: write it as 2006-01-02T15:04:05Z"}},
		"causes that are not listed": {answer(422, `Pod "a" is invalid: [spec.a: Invalid value: "open-sesame, sesame": no, spec.b: Duplicate value: {"open":"sesame"}]`),
			apistatus.Answer{Reason: xosv1.ReasonInvalid, Refused: true, Text: `Pod "a" is invalid: [spec.a: Invalid value: no, spec.b: Duplicate value]`}},
		"a server that does not know us": {answer(401, "Unauthorized"), apistatus.Answer{Reason: xosv1.ReasonForbidden, Refused: true, Text: "Unauthorized"}},
		"a connection that breaks":       {errors.New("read tcp 10.0.0.1:4711->10.0.0.2:443: connection reset by peer"), apistatus.Answer{Reason: xosv1.ReasonFailed, Text: "read tcp 10.0.0.2:443: connection reset by peer"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := apistatus.Read(test.err)
			assert.Equal(t, test.want, got)
			assert.NotContains(t, got.Text, secret)
		})
	}
}

func TestOfManyFieldsTheFirstAreNamed(t *testing.T) {
	var causes []metav1.StatusCause
	for i := range 40 {
		causes = append(causes, metav1.StatusCause{Type: metav1.CauseTypeFieldValueRequired, Field: fmt.Sprintf("spec.f%02d", i), Message: "Required value"})
	}
	got := apistatus.Read(answer(422, `A "a" is invalid: many`, causes...))
	assert.True(t, strings.HasSuffix(got.Text, "spec.f07: required; and 32 more"), got.Text)
}

func TestRedactRemovesSentValuesFromErrors(t *testing.T) {
	const kept = "b3Blbi1zZXNhbWU=" // the same in base64
	for sentence, test := range map[string]struct {
		sent  map[string]any
		words string
		want  string
	}{
		"a ConfigMap's data":      {map[string]any{"kind": "ConfigMap", "data": map[string]any{"username": secret}}, "no open-sesame here", ": no … here"},
		"a variable":              {map[string]any{"kind": "Pod", "spec": map[string]any{"env": []any{map[string]any{"name": "PASSWORD", "value": secret}}}}, "PASSWORD open-sesame", ": PASSWORD …"},
		"what names something":    {map[string]any{"kind": "Pod", "spec": map[string]any{"image": "example.org/a:1"}}, "example.org/a:1 is not signed", ": example.org/a:1 is not signed"},
		"what is encoded":         {map[string]any{"kind": "Thing", "data": map[string]any{"a": kept}}, "open-sesame", ": …"},
		"of a Secret all":         {map[string]any{"kind": "Secret", "data": map[string]any{"a": kept}}, "it begins with open", ""},
		"short values are common": {map[string]any{"kind": "ConfigMap", "data": map[string]any{"a": "true"}}, "true", ": true"},
	} {
		t.Run(sentence, func(t *testing.T) {
			err := answer(403, `a "b" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: `+test.words)
			assert.EqualError(t, apistatus.Redact(err, test.sent), `a "b" is forbidden: ValidatingAdmissionPolicy p denies it`+test.want+denied)
		})
	}
	rules := apistatus.Redact(recorded(t, "custom-resource-breaks-rules"), map[string]any{"spec": map[string]any{"secret": "open-sesame-1", "again": "open-sesame-2"}})
	assert.EqualError(t, rules, `Relic.shop.example.org "a" is invalid: spec.again: invalid, secret and again differ; spec: invalid, it is …`)
}

// TestTheFenceIsKnownByItsWords compares them with those of the policy that refuses.
func TestTheFenceIsKnownByItsWords(t *testing.T) {
	const words = "the manager is fenced: no managed TrustDomain has made or adopted namespace "
	fence, err := os.ReadFile("../../deploy/fence.yaml")
	require.NoError(t, err)
	require.Contains(t, string(fence), `"`+words+`" + variables.place`)
	for message, want := range map[string]bool{
		`a "b" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ` + words + `shop; an administrator may open it`: true,
		`a "b" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: the manager is fenced: otherwise`:                false,
		`a "b" is forbidden: ` + words + "shop": false,
	} {
		err := answer(403, message)
		assert.Equal(t, want, apistatus.FencedOut(err), message)
		assert.Equal(t, want, apistatus.FencedOut(fmt.Errorf("create it: %w", apistatus.Redact(err, nil))), message)
	}
	assert.False(t, apistatus.FencedOut(errors.New(words)), "not the server's answer")
	assert.False(t, apistatus.FencedOut(nil))
}

func TestARedactedErrorKeepsItsReason(t *testing.T) {
	shown := fmt.Errorf("create it: %w", apistatus.Redact(recorded(t, "node-port-taken"), nil))
	assert.True(t, apierrors.IsInvalid(shown))
	assert.NoError(t, apistatus.Redact(nil, nil))
}
