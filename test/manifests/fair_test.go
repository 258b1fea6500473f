package manifests

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

func TestAKindThatCannotBeListedBlocksOnlyItsBlobs(t *testing.T) {
	t.Parallel()
	s, other := tenant(t), tenant(t)
	broken := apierrors.NewInternalError(fmt.Errorf("the conversion webhook is away"))
	s.manager.Intercept(t, func(r transport.Request) transport.Fault {
		if r.Namespace == s.domain && r.Resource == "persistentvolumeclaims" && (r.Verb == "list" || r.Verb == "watch") {
			return transport.Refuse{Err: broken}
		}
		return nil
	})
	var claims strings.Builder
	for i := range 10 {
		fmt.Fprintf(&claims, "---\n{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: claim-%d}}\n", i)
	}
	const blobs = 32
	for i := range blobs {
		s.apply(fmt.Sprint("blob-", i), strings.ReplaceAll(settings, "settings", fmt.Sprint("settings-", i))+claims.String())
	}
	begun := time.Now()
	other.apply("blob", settings)
	other.ready("blob")
	require.Less(t, time.Since(begun), 20*time.Second, "once ten seconds for each of 320 documents")
	for i := range blobs {
		name := fmt.Sprint("blob-", i)
		s.unready(name, xosv1.ReasonFailed, "PersistentVolumeClaim $domain/claim-3", "the conversion webhook is away", "the other one went well")
	}
	other.delete("blob")
}

func TestManyBlobsOfKindsThatAreNotServedSendFewRequests(t *testing.T) {
	// Not parallel: all requests of this manager are counted.
	s := alone(t)
	s.apply("first", "{apiVersion: unheard.example.org/v1, kind: Unheard, metadata: {name: of}}")
	s.unready("first", xosv1.ReasonFailed, "no kind Unheard")
	const blobs = 200
	for i := range blobs {
		s.apply(fmt.Sprint("blob-", i), fmt.Sprintf("{apiVersion: g%d.example.org/v1, kind: Unheard, metadata: {name: of}}", i))
	}
	for i := range blobs {
		s.unready(fmt.Sprint("blob-", i), xosv1.ReasonFailed, "no kind Unheard")
	}
	mark, begun := s.manager.Mark(), time.Now()
	// Silence is what is asserted: in this time there were two thousand requests.
	const quiet = 10 * time.Second
	plane.Wait(t, testkit.Timeout, func(context.Context) (bool, string) { return time.Since(begun) > quiet, "" })
	sent := s.manager.Since(mark).Where(func(r transport.Request) bool { return r.Verb != "watch" && r.Resource != "events" })
	require.Less(t, len(sent), 20, "%v", sent.Lines())
}
