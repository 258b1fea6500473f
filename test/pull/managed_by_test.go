package pull_test

import (
	"fmt"
	"testing"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
)

func TestARecordNamesTheSliceThatManagesItsPod(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	w.statefulSet("db")
	says := func(by string) func(*xosv1.KubernetesServiceInstance) error {
		return func(i *xosv1.KubernetesServiceInstance) error {
			return is(i, xosv1.ReasonInventoried, "inventoried: created and managed by "+by)
		}
	}
	w.instance("db-0", says("another client"))
	w.hand("db", true)
	w.instance("db-0", says(fmt.Sprintf("StatefulSet %s/db of Slice db", w.namespace)))
	w.hand("db", false)
	w.instance("db-0", says("another client"))
}
