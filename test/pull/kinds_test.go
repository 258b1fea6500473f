package pull_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// entity waits for the inventory to hold an entity of a kind and name as a function wants it.
func (b *broker) entity(kind event.Kind, namespace, name string, check func(event.Entity) error) {
	b.w.Helper()
	cluster, err := b.w.clusterUID()
	require.NoError(b.w, err)
	b.w.eventually(func(ctx context.Context) error {
		values, err := b.inventory(ctx)
		if err != nil {
			return err
		}
		for key, value := range values {
			if e, _, ok := event.ParseInventory(cluster, key, []byte(value)); ok && e.Kind == kind && e.Namespace == namespace && e.Name == name {
				return check(e)
			}
		}
		return fmt.Errorf("no %s %s/%s among %d entities", kind, namespace, name, len(values))
	})
}

func refersTo(want ...event.Reference) func(event.Entity) error {
	return func(e event.Entity) error {
		for _, r := range want {
			if !slices.Contains(e.References, r) {
				return fmt.Errorf("%v refers to %v", e.ID, e.References)
			}
		}
		return nil
	}
}

func TestAllKindsAreInventoried(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	w.deployment(1, image)
	record := w.soleInstance(b.told)
	require.NotEmpty(t, record.Spec.Slice)
	slice := event.Reference{Kind: "Slice", Namespace: w.namespace, Name: record.Spec.Slice}
	domain := event.Reference{Kind: "TrustDomain", Name: w.namespace}
	b.entity(event.Instance, w.namespace, record.Name, refersTo(
		slice, event.Reference{Kind: "Image", Name: record.Spec.Image}, event.Reference{Kind: "Node", Name: record.Status.NodeName}))
	b.entity(event.Slice, w.namespace, slice.Name, refersTo(
		domain, event.Reference{Kind: "Principal", Namespace: w.namespace, Name: "default"}, event.Reference{Kind: "Deployment", Namespace: w.namespace, Name: "web"}))
	b.entity(event.Principal, w.namespace, "default", refersTo(domain))
	b.entity(event.TrustDomain, "", w.namespace, refersTo(event.Reference{Kind: "Namespace", Name: w.namespace}))
	b.entity(event.Node, "", record.Status.NodeName, refersTo(event.Reference{Kind: "KubernetesService", Name: "kubernetes"}))
	b.entity(event.Image, "", record.Spec.Image, func(e event.Entity) error {
		if e.Image == nil || e.Image.Name == "" {
			return fmt.Errorf("image %+v", e.Image)
		}
		return nil
	})
	b.entity(event.Service, "", "kubernetes", func(event.Entity) error { return nil })

	require.NoError(t, w.kubernetes.AppsV1().Deployments(w.namespace).Delete(t.Context(), "web", metav1.DeleteOptions{}))
	w.sliceGone(slice.Name)
	w.eventually(func(ctx context.Context) error {
		values, err := b.inventory(ctx)
		if err != nil {
			return err
		}
		for key, value := range values {
			if strings.Contains(key, "/"+string(event.Slice)+"/") && strings.Contains(value, w.namespace) {
				return fmt.Errorf("the inventory still holds %s", value)
			}
		}
		return nil
	})
}

// toldVitrage are the events of a node on the topic of Vitrage: "action" or "action event".
func (b *broker) toldVitrage(ctx context.Context, node string) (told []string, err error) {
	err = b.read(ctx, vitrageTopic, func(m *kgo.Record) error {
		var v struct {
			Action string `json:"vitrage_datasource_action"`
			Event  string `json:"vitrage_event_type"`
			Name   string `json:"name"`
		}
		if err := json.Unmarshal(m.Value, &v); err != nil {
			return err
		}
		if v.Name == node {
			told = append(told, strings.TrimSpace(v.Action+" "+v.Event))
		}
		return nil
	})
	return told, err
}

func TestVitrageIsToldOfANode(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	name := "vitrage-" + w.namespace
	node := w.node(name)
	w.start(pull.Options{Log: b.log()})
	tells := func(want string) {
		t.Helper()
		w.eventually(func(ctx context.Context) error {
			told, err := b.toldVitrage(ctx, name)
			if err != nil {
				return err
			}
			if !slices.Contains(told, want) {
				return fmt.Errorf("told %v", told)
			}
			return nil
		})
	}
	tells("update")
	tells("init_snapshot")
	spec := w.selection()
	spec.ResyncSeconds = ptr.To[int32](10)
	w.setPull(spec)
	tells("snapshot")
	w.deleteNode(node.Name)
	tells("update delete_entity")
}

// TestASnapshotTellsTheConsumerWhatIsThere reads snapshots as docs/events.md says.
func TestASnapshotTellsTheConsumerWhatIsThere(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	w.pod("web", image)
	w.instance("web", b.told)
	spec := w.selection()
	spec.ResyncSeconds = ptr.To[int32](10)
	w.setPull(spec)
	cluster, err := w.clusterUID()
	require.NoError(t, err)
	w.eventually(func(ctx context.Context) error {
		known, ends := map[event.ID]event.Fingerprint{}, 0
		err := b.read(ctx, kafka.DefaultInventoryTopic, func(m *kgo.Record) error {
			e, deleted, ok := event.ParseInventory(cluster, string(m.Key), m.Value)
			switch {
			case ok && deleted:
				delete(known, e.ID)
			case ok:
				for _, h := range m.Headers {
					if h.Key == "ce_fingerprint" {
						known[e.ID] = event.ParseFingerprint(string(h.Value))
					}
				}
			default:
				var end struct {
					Status, Digest string
					Count          int
				}
				if err := json.Unmarshal(m.Value, &end); err != nil || end.Status != "end" {
					return err
				}
				if ends++; end.Count != len(known) || end.Digest != event.Digest(known) {
					return fmt.Errorf("the snapshot holds %d entities, the consumer knows %d", end.Count, len(known))
				}
			}
			return nil
		})
		if err == nil && ends < 2 {
			err = fmt.Errorf("%d snapshots", ends)
		}
		return err
	})
}

// TestWhatEndedWithoutAManagerLeavesTheInventory has one object of each kind go while
// nobody watches.
func TestWhatEndedWithoutAManagerLeavesTheInventory(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	node := w.node("gone-" + w.namespace)
	m := w.start(pull.Options{Log: b.log()})
	w.deployment(1, image)
	record := w.soleInstance(b.told)
	domain, err := w.xos.TrustDomains().Get(t.Context(), w.namespace, metav1.GetOptions{})
	require.NoError(t, err)
	principal, err := w.xos.Principals(w.namespace).Get(t.Context(), "default", metav1.GetOptions{})
	require.NoError(t, err)
	slice, err := w.xos.Slices(w.namespace).Get(t.Context(), record.Spec.Slice, metav1.GetOptions{})
	require.NoError(t, err)
	picture, err := w.xos.Images().Get(t.Context(), record.Spec.Image, metav1.GetOptions{})
	require.NoError(t, err)
	service, err := w.xos.KubernetesServices().Get(t.Context(), xosv1.DefaultKubernetesService, metav1.GetOptions{})
	require.NoError(t, err)
	gone := map[event.ID]bool{
		{Kind: event.Instance, UID: record.Status.PodUID}: true,
		{Kind: event.TrustDomain, UID: domain.UID}:        true,
		{Kind: event.Principal, UID: principal.UID}:       true,
		{Kind: event.Slice, UID: slice.UID}:               true,
		{Kind: event.Image, UID: picture.UID}:             true,
		{Kind: event.Service, UID: service.UID}:           true,
		{Kind: event.Node, UID: node.UID}:                 true,
	}
	held := func(ctx context.Context) (kinds []event.Kind, err error) {
		cluster, err := w.clusterUID()
		if err != nil {
			return nil, err
		}
		values, err := b.inventory(ctx)
		for key, value := range values {
			if e, _, ok := event.ParseInventory(cluster, key, []byte(value)); ok && gone[e.ID] {
				kinds = append(kinds, e.Kind)
			}
		}
		return kinds, err
	}
	w.eventually(func(ctx context.Context) error {
		kinds, err := held(ctx)
		if err == nil && len(kinds) < len(gone) {
			err = fmt.Errorf("the inventory holds %v", kinds)
		}
		return err
	})
	m.Stop()

	opts := metav1.DeleteOptions{}
	require.NoError(t, w.kubernetes.AppsV1().Deployments(w.namespace).Delete(t.Context(), "web", opts))
	w.podGone(record.Name)
	require.NoError(t, w.xos.TrustDomains().Delete(t.Context(), domain.Name, opts))
	require.NoError(t, w.xos.Principals(w.namespace).Delete(t.Context(), principal.Name, opts))
	require.NoError(t, w.xos.Slices(w.namespace).Delete(t.Context(), slice.Name, opts))
	require.NoError(t, w.xos.Images().Delete(t.Context(), picture.Name, opts))
	require.NoError(t, w.xos.KubernetesServices().Delete(t.Context(), service.Name, opts))
	w.deleteNode(node.Name)

	w.start(pull.Options{Log: b.log()})
	w.eventually(func(ctx context.Context) error {
		kinds, err := held(ctx)
		if err == nil && len(kinds) > 0 {
			err = fmt.Errorf("the inventory still holds %v", kinds)
		}
		return err
	})
}
