package event

import (
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// AwaitsDeleted is the pod whose end Kafka does not know, as far as a delivery shows.
func AwaitsDeleted(d *xosv1.Delivery) types.UID {
	if d == nil || !d.Announced || d.Status == xosv1.EventDeleted {
		return ""
	}
	return d.UID
}

// Pending lists the events of a pod that Kafka has not acknowledged, in order.
// Created and deleted are never left out; of changes only the last one counts.
func Pending(acknowledged *xosv1.Delivery, s PodSnapshot, ended bool) []xosv1.EventStatus {
	d := DeliveryOf(acknowledged, s.UID)
	if d.Status == xosv1.EventDeleted {
		return nil
	}
	var events []xosv1.EventStatus
	if !d.Announced {
		events = append(events, xosv1.EventCreated)
	}
	switch {
	case ended:
		events = append(events, xosv1.EventDeleted)
	case d.Announced && d.Fingerprint != s.Fingerprint():
		events = append(events, xosv1.EventUpdated)
	}
	return events
}

// DeliveryOf is what was acknowledged of this pod and no other of its name.
func DeliveryOf(d *xosv1.Delivery, uid types.UID) xosv1.Delivery {
	if d == nil || d.UID != uid {
		return xosv1.Delivery{UID: uid}
	}
	return *d
}
