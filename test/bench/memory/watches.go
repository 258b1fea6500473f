package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/streaming"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	restwatch "k8s.io/client-go/rest/watch"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const protobuf = "application/vnd.kubernetes.protobuf"

// serveNative lists or watches a resource whose objects never change.
func (s *server) serveNative(w http.ResponseWriter, r *http.Request, n native) error {
	if strings.Contains(r.Header.Get("Accept"), ";as=") {
		return refused{http.StatusNotAcceptable, metav1.StatusReasonNotAcceptable}
	}
	info, ok := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), protobuf)
	if !ok {
		return fmt.Errorf("there is no serializer of %s", protobuf)
	}
	encoder := scheme.Codecs.EncoderForVersion(info.Serializer, n.kind.GroupVersion())
	if r.URL.Query().Get("watch") == "" {
		return s.listNative(w, n, encoder)
	}
	w.Header().Set("Content-Type", protobuf+";stream=watch")
	w.WriteHeader(http.StatusOK)
	outer := scheme.Codecs.EncoderForVersion(info.StreamSerializer.Serializer, n.kind.GroupVersion())
	stream := restwatch.NewEncoder(streaming.NewEncoder(info.StreamSerializer.Framer.NewFrameWriter(w), outer), encoder)
	if r.URL.Query().Get("sendInitialEvents") == "true" {
		s.initialEvents(stream, n)
	}
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
	return nil
}

// initialEvents sends all objects, and the bookmark that says so. It ends early where the client
// has gone.
func (s *server) initialEvents(stream *restwatch.Encoder, n native) {
	for i := range n.count {
		if stream.Encode(&watch.Event{Type: watch.Added, Object: n.make(i)}) != nil {
			return
		}
	}
	bookmark := n.empty()
	bookmark.SetResourceVersion(s.versions.now())
	bookmark.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
	_ = stream.Encode(&watch.Event{Type: watch.Bookmark, Object: bookmark})
}

func (s *server) listNative(w http.ResponseWriter, n native, encoder runtime.Encoder) error {
	list, err := n.list()
	if err != nil {
		return err
	}
	items := make([]runtime.Object, n.count)
	for i := range items {
		items[i] = n.make(i)
	}
	if err := meta.SetList(list, items); err != nil {
		return err
	}
	accessor, err := meta.ListAccessor(list)
	if err != nil {
		return err
	}
	accessor.SetResourceVersion(s.versions.now())
	w.Header().Set("Content-Type", protobuf)
	return encoder.Encode(list, w)
}

// listOrWatchCustom lists or watches custom resources.
func (s *server) listOrWatchCustom(w http.ResponseWriter, r *http.Request, c *customs) error {
	if r.URL.Query().Get("watch") == "" {
		items := make([]json.RawMessage, 0)
		for _, data := range c.all() {
			items = append(items, data)
		}
		writeJSON(w, http.StatusOK, map[string]any{
			"apiVersion": xosv1.SchemeGroupVersion.String(), "kind": c.resource.Kind + "List",
			"metadata": map[string]any{"resourceVersion": s.versions.now()}, "items": items,
		})
		return nil
	}
	there, events := c.watch()
	defer c.unwatch(events)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	stream, flush := json.NewEncoder(w), http.NewResponseController(w).Flush
	if r.URL.Query().Get("sendInitialEvents") == "true" {
		for _, data := range there {
			if err := stream.Encode(customEvent{watch.Added, data}); err != nil {
				return nil // the client has gone
			}
		}
		if err := stream.Encode(s.bookmark(c)); err != nil {
			return nil
		}
	}
	_ = flush()
	for {
		select {
		case e := <-events:
			if err := stream.Encode(e); err != nil {
				return nil
			}
			_ = flush()
		case <-r.Context().Done():
			return nil
		}
	}
}

// bookmark is the event after the objects that were there.
func (s *server) bookmark(c *customs) map[string]any {
	return map[string]any{"type": watch.Bookmark, "object": map[string]any{
		"apiVersion": xosv1.SchemeGroupVersion.String(), "kind": c.resource.Kind,
		"metadata": map[string]any{"resourceVersion": s.versions.now(), "annotations": map[string]any{metav1.InitialEventsAnnotationKey: "true"}},
	}}
}
