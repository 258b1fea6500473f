package controllers

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=sites,verbs=list;watch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=sites/status,verbs=patch

// siteController acknowledges each Site: it is a record that others refer to, and nothing
// native corresponds to it.
func siteController(c *cluster.Cluster, opts engine.Options) (engine.Controller, error) {
	return engine.New(engine.Kind[*xosv1.Site]{
		Resource: c.Sites,
		Plan: func(_ *xosv1.Site, plan *engine.Plan[*xosv1.Site]) error {
			plan.Observe(func(*xosv1.Site) verdict.Outcome { return verdict.Succeeded("recorded") })
			return nil
		},
	}, opts)
}
