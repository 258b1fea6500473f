package main

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// What the examples hold.
const (
	demoPod        = "demo-pod"
	deployment     = "hello"
	deploymentPods = "app=" + deployment
)

// showAll is the demonstration.
func showAll(ctx context.Context, st *stage) error {
	if err := st.applyExamples(ctx); err != nil {
		return err
	}
	pulled, err := st.showResults(ctx)
	if err != nil {
		return err
	}
	s := st.screen
	err = s.step("each pod announced on Kafka", func() error {
		return st.events.await(ctx, 0, string(xosv1.EventCreated), append(pulled, demoPod)...)
	})
	if err != nil {
		return err
	}
	before := st.events.count()
	err = s.step("KubernetesServiceInstance "+demoPod+" deleted, and its pod with it", func() error {
		if err := st.deleteInstance(ctx); err != nil {
			return err
		}
		return st.events.await(ctx, before, string(xosv1.EventDeleted), demoPod)
	})
	if err != nil {
		return err
	}
	err = s.step("Deployment "+deployment+" scaled to none", func() error {
		if err := st.scaleDown(ctx); err != nil {
			return err
		}
		return st.events.await(ctx, before, string(xosv1.EventDeleted), pulled...)
	})
	if err != nil {
		return err
	}
	return ctx.Err()
}

// stayUp sets up the same, shows how to use it and waits for Ctrl-C.
func stayUp(ctx context.Context, st *stage) error {
	if err := st.applyExamples(ctx); err != nil {
		return err
	}
	if _, err := st.showResults(ctx); err != nil {
		return err
	}
	st.screen.say(st.usage()...)
	<-ctx.Done()
	if cause := context.Cause(ctx); errors.Is(cause, errDied) {
		return cause
	}
	return nil
}

// applyExamples returns when all that the examples ask for is there.
func (st *stage) applyExamples(ctx context.Context) error {
	var applied []*unstructured.Unstructured
	for _, file := range []string{"examples/demo.yaml", "examples/unmanaged.yaml"} {
		err := st.screen.step(file+" applied", func() error {
			objects, err := st.cluster.applyFiles(ctx, file)
			applied = append(applied, objects...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return st.screen.step(fmt.Sprintf("all %d objects of the two are ready", len(applied)), func() error {
		return st.cluster.awaitAll(ctx, applied)
	})
}

// showResults shows the results of the examples: the models with their native objects, and the instances
// that the pull created for the pods it found. It returns the names of the latter.
func (st *stage) showResults(ctx context.Context) ([]string, error) {
	tree, err := st.cluster.modelTree(ctx)
	if err != nil {
		return nil, err
	}
	s := st.screen
	s.say("", s.paint(bold, "What XOS made of examples/demo.yaml: each model, and its native object"), "")
	s.say(tree...)
	s.say("")

	var pods []string
	err = s.step("the pods of Deployment "+deployment+" pulled", func() (err error) {
		pods, err = st.awaitPulled(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	table, err := st.cluster.pulledTable(ctx)
	if err != nil {
		return nil, err
	}
	s.say("", s.paint(bold, "What XOS found in the cluster: instances that it inventories and never touches"), "")
	s.say(table...)
	s.say("")
	return pods, nil
}

// awaitPulled waits until each pod of the plain Deployment has its instance, and
// that shows a pod which is ready.
func (st *stage) awaitPulled(ctx context.Context) ([]string, error) {
	pods, err := st.cluster.kubernetes.CoreV1().Pods(metav1.NamespaceDefault).
		List(ctx, metav1.ListOptions{LabelSelector: deploymentPods})
	if err != nil {
		return nil, fmt.Errorf("list the pods of Deployment %s: %w", deployment, err)
	}
	var names []string
	var instances []*unstructured.Unstructured
	for _, pod := range pods.Items {
		instance := &unstructured.Unstructured{}
		instance.SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind("KubernetesServiceInstance"))
		instance.SetNamespace(pod.Namespace)
		instance.SetName(pod.Name)
		names, instances = append(names, pod.Name), append(instances, instance)
	}
	return names, st.cluster.awaitEach(ctx, instances, func(seen *unstructured.Unstructured) (bool, string, error) {
		ready, _, err := unstructured.NestedBool(seen.Object, "status", "ready")
		return ready, "its pod is not ready", err
	})
}

func (st *stage) deleteInstance(ctx context.Context) error {
	err := st.cluster.xos.XosV1().KubernetesServiceInstances(metav1.NamespaceDefault).
		Delete(ctx, demoPod, metav1.DeleteOptions{})
	if err != nil {
		return fmt.Errorf("delete KubernetesServiceInstance %s: %w", demoPod, err)
	}
	return nil
}

func (st *stage) scaleDown(ctx context.Context) error {
	_, err := st.cluster.kubernetes.AppsV1().Deployments(metav1.NamespaceDefault).
		Patch(ctx, deployment, types.MergePatchType, []byte(`{"spec":{"replicas":0}}`),
			metav1.PatchOptions{FieldManager: fieldManager}, "scale")
	if err != nil {
		return fmt.Errorf("scale Deployment %s: %w", deployment, err)
	}
	return nil
}

// usage shows what to do with a plane that stays up.
func (st *stage) usage() []string {
	kubectl := st.programs.plane + " kubectl"
	commands := columns([][]string{
		{"  export KUBECONFIG=" + st.kubeconfig},
		{"  " + kubectl + " get xos -A", "# everything in the XOS data model"},
		{"  " + kubectl + " get ksi -A -w", "# the instances, as they change"},
		{"  " + kubectl + " explain slice.spec", "# what a field means"},
		{"  " + kubectl + " scale deployment " + deployment + " --replicas 3"},
		{"  tail -f " + st.manager.log, "# what the manager does"},
	})
	lines := append([]string{st.screen.paint(bold, "Everything is up. In another terminal:"), ""}, commands...)
	return append(lines, "",
		"Kafka answers at "+st.kafka+"; the events of topic "+podTopic+" are shown here.",
		"Ctrl-C stops everything.", "")
}
