package main

import (
	"context"
	"fmt"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// pulledTable lists the instances that XOS did not make.
func (c *cluster) pulledTable(ctx context.Context) ([]string, error) {
	instances, err := c.xos.XosV1().KubernetesServiceInstances("").
		List(ctx, metav1.ListOptions{FieldSelector: "spec.xosManaged=false"})
	if err != nil {
		return nil, fmt.Errorf("list the pulled instances: %w", err)
	}
	rows := [][]string{{"NAMESPACE", "INSTANCE", "SLICE", "IMAGE", "PHASE", "READY", "IP", "NODE"}}
	for _, i := range instances.Items {
		rows = append(rows, []string{
			i.Namespace, i.Name, i.Spec.Slice, i.Spec.Image,
			string(i.Status.Phase), strconv.FormatBool(i.Status.Ready), i.Status.PodIP, i.Status.NodeName,
		})
	}
	return columns(rows), nil
}
