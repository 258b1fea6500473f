package decode

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/klog/v2"
	kjson "sigs.k8s.io/json"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// ObjectByObject returns serializers that decode as those given do, except that
// an object which can't be decoded fails alone: in a list the others are decoded,
// and a watch goes on. The scheme makes empty objects of a kind.
func ObjectByObject(serializers runtime.NegotiatedSerializer, scheme runtime.ObjectCreater) runtime.NegotiatedSerializer {
	return serializer{serializers, scheme}
}

type serializer struct {
	runtime.NegotiatedSerializer
	scheme runtime.ObjectCreater
}

// DecoderToVersion implements runtime.NegotiatedSerializer.
func (s serializer) DecoderToVersion(d runtime.Decoder, version runtime.GroupVersioner) runtime.Decoder {
	return decoder{s.NegotiatedSerializer.DecoderToVersion(d, version), s.scheme}
}

type decoder struct {
	// Decoder decodes what can be decoded.
	runtime.Decoder
	scheme runtime.ObjectCreater
}

// Decode implements runtime.Decoder. What can be decoded as a whole is, at no
// further cost than a glance at its digits.
func (d decoder) Decode(data []byte, defaults *schema.GroupVersionKind, into runtime.Object) (runtime.Object, *schema.GroupVersionKind, error) {
	err := errSlow
	if !isSlow(data) {
		var object runtime.Object
		var kind *schema.GroupVersionKind
		if object, kind, err = d.decodeWhole(data, defaults, into); err == nil {
			return object, kind, nil
		}
	}
	object, kind, ok := d.mend(data, defaults, into, err)
	if !ok {
		return nil, nil, err
	}
	return object, kind, nil
}

// beginning is how the API server begins what it writes of a kind of ours.
var beginning = fmt.Appendf(nil, `{"apiVersion":"%s","kind":"`, xosv1.SchemeGroupVersion)

// decodeWhole decodes what the decoder given does. That one reads all of it twice, the first time
// for its kind alone, which for a kind of ours is at the beginning.
func (d decoder) decodeWhole(data []byte, defaults *schema.GroupVersionKind, into runtime.Object) (runtime.Object, *schema.GroupVersionKind, error) {
	rest, ours := bytes.CutPrefix(data, beginning)
	name, _, ended := bytes.Cut(rest, []byte(`"`))
	if !ours || !ended {
		return d.Decoder.Decode(data, defaults, into)
	}
	kind := xosv1.SchemeGroupVersion.WithKind(string(name))
	object, err := d.scheme.New(kind)
	if err != nil || (into != nil && reflect.TypeOf(into) != reflect.TypeOf(object)) {
		return d.Decoder.Decode(data, defaults, into)
	}
	if into != nil {
		object = into
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(data, object); err != nil {
		return nil, nil, fmt.Errorf("decode a %s: %w", kind.Kind, err)
	}
	object.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{}) // as typed clients have it
	return object, &kind, nil
}

// mend decodes a list object by object, and an object without the fields that
// can't be decoded.
func (d decoder) mend(data []byte, defaults *schema.GroupVersionKind, into runtime.Object, cause error) (runtime.Object, *schema.GroupVersionKind, bool) {
	var header struct {
		metav1.TypeMeta `json:",inline"`
		metav1.ListMeta `json:"metadata"`
		Items           []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(data, &header); err != nil {
		return nil, nil, false
	}
	kind := header.GroupVersionKind()
	if kind.Empty() && defaults != nil {
		kind = *defaults
	}
	if into == nil || reflect.ValueOf(into).IsNil() {
		var err error
		if into, err = d.scheme.New(kind); err != nil {
			return nil, nil, false
		}
	}
	if meta.IsListType(into) {
		err := d.mendList(kind, header.ListMeta, header.Items, into)
		return into, &kind, err == nil
	}
	object, ok := into.(xosv1.Object)
	return into, &kind, ok && d.mendObject(data, kind, object, cause) == nil
}

// mendList decodes each item of a list by itself.
func (d decoder) mendList(kind schema.GroupVersionKind, metadata metav1.ListMeta, items []json.RawMessage, into runtime.Object) error {
	kind.Kind = strings.TrimSuffix(kind.Kind, "List")
	objects := make([]runtime.Object, 0, len(items))
	for i, item := range items {
		object, _, err := d.Decode(item, &kind, nil)
		if err != nil {
			// Not even its metadata: the API server stores no such thing.
			klog.Background().Error(err, "Left out an item of a list: it can't be decoded at all", "kind", kind.Kind, "item", i)
			continue
		}
		objects = append(objects, object)
	}
	reset(into)
	list, err := meta.ListAccessor(into)
	if err != nil {
		return err
	}
	list.SetResourceVersion(metadata.ResourceVersion)
	list.SetContinue(metadata.Continue)
	list.SetRemainingItemCount(metadata.RemainingItemCount)
	return meta.SetList(into, objects)
}

// mendObject decodes what can be decoded of an object, and enters in it what
// can't.
func (d decoder) mendObject(data []byte, kind schema.GroupVersionKind, into xosv1.Object, cause error) error {
	reader := json.NewDecoder(bytes.NewReader(data))
	reader.UseNumber() // not to round what is good
	var tree map[string]any
	if err := reader.Decode(&tree); err != nil {
		return err
	}
	faults := prune(tree, reflect.TypeOf(into))
	if len(faults) > 0 {
		keepChildren(tree, faults)
	}
	rest, err := json.Marshal(tree)
	if err != nil {
		return err
	}
	reset(into)
	if _, _, err := d.Decoder.Decode(rest, &kind, into); err != nil {
		return err
	}
	switch {
	case into.GetName() == "":
		return fmt.Errorf("decode a %s without a name: %w", kind.Kind, cause)
	case len(faults) == 0 && cause == errSlow: //nolint:errorlint // this very value
		return nil // a text that only looks like a number
	}
	into.GetObjectStatus().Undecodable = faults.String()
	undecodable.WithLabelValues(kind.Kind).Inc()
	return nil
}

// reset makes an object as new: a decoder that failed has filled it by half.
func reset(into runtime.Object) {
	reflect.ValueOf(into).Elem().SetZero()
}
