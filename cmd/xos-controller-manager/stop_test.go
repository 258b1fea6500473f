package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	coordination "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestAStopWaitsForTheEndOfPodsOrOfTheLease(t *testing.T) {
	for sentence, test := range map[string]struct {
		// terminating is how long the Deployment remains, renewing how long its Lease is renewed.
		terminating, renewing time.Duration
		want                  time.Duration
		err                   string
	}{
		"pods that end are waited for":             {terminating: 4 * time.Second, renewing: 3 * time.Second, want: 4 * time.Second},
		"what is gone already is not waited for":   {},
		"an expired Lease is enough":               {terminating: time.Hour, renewing: 10 * time.Second, want: 10*time.Second + leaseDuration},
		"so is one that nobody has held":           {terminating: time.Hour, want: leaseDuration},
		"a manager that leads on is not forgotten": {terminating: time.Hour, renewing: time.Hour, want: time.Minute, err: "the manager did not end in time, and still leads"},
	} {
		t.Run(sentence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				object := metav1.ObjectMeta{Namespace: "xos-system", Name: xosv1.FieldManager}
				client := fake.NewClientset(&appsv1.Deployment{ObjectMeta: object}, &coordination.Lease{ObjectMeta: object})
				var asked *metav1.DeletionPropagation
				client.PrependReactor("delete", "deployments", func(a clienttesting.Action) (bool, runtime.Object, error) {
					asked = a.(clienttesting.DeleteAction).GetDeleteOptions().PropagationPolicy
					return true, nil, nil
				})
				client.PrependReactor("get", "deployments", func(clienttesting.Action) (bool, runtime.Object, error) {
					if time.Since(begun) < test.terminating {
						return false, nil, nil
					}
					return true, nil, apierrors.NewNotFound(appsv1.Resource("deployments"), xosv1.FieldManager)
				})
				client.PrependReactor("get", "leases", func(clienttesting.Action) (bool, runtime.Object, error) {
					if test.renewing == 0 {
						return false, nil, nil
					}
					renewed := min(time.Since(begun), test.renewing).Truncate(retryPeriod)
					return true, &coordination.Lease{ObjectMeta: object, Spec: coordination.LeaseSpec{
						HolderIdentity: ptr.To("leader"), RenewTime: &metav1.MicroTime{Time: begun.Add(renewed)}}}, nil
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err := stop(ctx, client.AppsV1().Deployments("xos-system"), client.CoordinationV1().Leases("xos-system"))
				if test.err == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, test.err)
				}
				assert.Equal(t, metav1.DeletePropagationForeground, ptr.Deref(asked, ""))
				assert.InDelta(t, test.want, time.Since(begun), float64(retryPeriod))
			})
		})
	}
}
