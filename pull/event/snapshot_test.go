package event

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestPendingEventsAreThoseNotAcknowledged(t *testing.T) {
	pod := PodSnapshot{UID: "a", labels: map[string]string{"k": "v"}}
	published := func(status xosv1.EventStatus) *xosv1.Delivery {
		return &xosv1.Delivery{UID: "a", Announced: true, Status: status, Fingerprint: pod.Fingerprint()}
	}
	changed := published(xosv1.EventCreated)
	changed.Fingerprint = "something else"
	const created, updated, deleted = xosv1.EventCreated, xosv1.EventUpdated, xosv1.EventDeleted
	for name, c := range map[string]struct {
		acknowledged *xosv1.Delivery
		ended        bool
		want         []xosv1.EventStatus
	}{
		"created, of a pod without published events":                {nil, false, []xosv1.EventStatus{created}},
		"nothing, where it was published as it is":                  {published(created), false, nil},
		"the change, where it was published otherwise":              {changed, false, []xosv1.EventStatus{updated}},
		"nothing, where the change was published":                   {published(updated), false, nil},
		"deleted, at the end":                                       {published(created), true, []xosv1.EventStatus{deleted}},
		"deleted, and not the last change before it":                {changed, true, []xosv1.EventStatus{deleted}},
		"both, where it ended unpublished":                          {nil, true, []xosv1.EventStatus{created, deleted}},
		"nothing, after the end was published":                      {published(deleted), true, nil},
		"created, where only another pod of the name was published": {&xosv1.Delivery{UID: "b", Announced: true}, false, []xosv1.EventStatus{created}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, Pending(c.acknowledged, pod, c.ended)) })
	}
}

func TestTheFingerprintIsOfWhatTheBodyShows(t *testing.T) {
	base := PodSnapshot{UID: "a", Name: "p", labels: map[string]string{"x": "1", "y": "2"}, addresses: []string{"10.0.0.1"}}
	same := base
	same.ResourceVersion = "99"
	assert.Equal(t, base.Fingerprint(), same.Fingerprint())
	moved := base
	moved.addresses = []string{"10.0.0.2"}
	assert.NotEqual(t, base.Fingerprint(), moved.Fingerprint())
	relabelled := base
	relabelled.labels = map[string]string{"x": "1"}
	assert.NotEqual(t, base.Fingerprint(), relabelled.Fingerprint())
}

func TestTheNumberOfAPodIsPositiveAndFitsAFloat(t *testing.T) {
	for _, uid := range []types.UID{"", "a", "6c1c2c0e-0000-4000-8000-000000000001"} {
		id := numericID(uid)
		assert.Positive(t, id)
		assert.Less(t, id, uint64(1)<<53)
		assert.Equal(t, id, numericID(uid))
	}
	assert.NotEqual(t, numericID("a"), numericID("b"))
}
