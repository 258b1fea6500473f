package managedfields_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/controllers/managedfields"
)

func TestARemovedFieldThatAnotherManagerHoldsIsReported(t *testing.T) {
	fields := func(text string) *metav1.FieldsV1 {
		if text == "" {
			return nil
		}
		return metav1.NewFieldsV1(text)
	}
	const both, one = `{"f:data":{".":{},"f:color":{},"f:size":{}}}`, `{"f:data":{".":{},"f:color":{}}}`
	for sentence, test := range map[string]struct {
		before, after string
		others        map[string]string
		want          []string
	}{
		"nobody else":                    {both, one, nil, nil},
		"another holds it":               {both, one, map[string]string{"painter": `{"f:data":{"f:size":{}}}`}, []string{"data.size by painter"}},
		"two others hold it":             {both, one, map[string]string{"painter": `{"f:data":{"f:size":{}}}`, "flux": both}, []string{"data.size by flux, painter"}},
		"another holds what we hold too": {both, one, map[string]string{"painter": `{"f:data":{"f:color":{}}}`}, nil},
		"nothing was taken out":          {one, both, map[string]string{"painter": both}, nil},
		"nothing was ours before":        {"", one, map[string]string{"painter": both}, nil},
		"nothing is ours any more":       {both, "", map[string]string{"painter": one}, []string{"data.color by painter"}},
		"an item of a list": {`{"f:spec":{"f:ports":{"k:{\"name\":\"http\"}":{".":{},"f:name":{},"f:port":{}}}}}`, `{"f:spec":{}}`,
			map[string]string{"painter": `{"f:spec":{"f:ports":{"k:{\"name\":\"http\"}":{"f:port":{}}}}}`}, []string{"spec.ports[http].port by painter"}},
		"an item that a number names": {`{"f:spec":{"f:ports":{"k:{\"port\":80}":{"f:port":{}}}}}`, `{"f:spec":{}}`,
			map[string]string{"painter": `{"f:spec":{"f:ports":{"k:{\"port\":80}":{"f:port":{}}}}}`}, []string{"spec.ports[].port by painter"}},
		"an element of a set, whose value is not shown": {`{"f:metadata":{"f:finalizers":{"v:\"example.org/secret\"":{}}}}`, `{"f:metadata":{}}`,
			map[string]string{"painter": `{"f:metadata":{"f:finalizers":{"v:\"example.org/secret\"":{}}}}`}, []string{"metadata.finalizers[] by painter"}},
		"several fields, in order": {`{"f:data":{"f:b":{},"f:a":{},"f:c":{}}}`, `{"f:data":{"f:c":{}}}`,
			map[string]string{"painter": `{"f:data":{"f:a":{},"f:b":{}}}`}, []string{"data.a by painter", "data.b by painter"}},
		"a record that can't be read":      {"{", one, map[string]string{"painter": both}, nil},
		"another's that can't be read":     {both, one, map[string]string{"painter": "{"}, nil},
		"another's of a part of one value": {`{"f:spec":{"f:selector":{}}}`, `{"f:spec":{}}`, map[string]string{"painter": `{"f:spec":{"f:selector":{}}}`}, []string{"spec.selector by painter"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			records := []metav1.ManagedFieldsEntry{{Manager: "us", FieldsV1: fields(test.after)}}
			for manager, held := range test.others {
				records = append(records, metav1.ManagedFieldsEntry{Manager: manager, FieldsV1: fields(held)})
			}
			records = append(records, metav1.ManagedFieldsEntry{Manager: "reporter", Subresource: "status", FieldsV1: fields(both)})
			assert.Equal(t, test.want, managedfields.HeldByOthers(fields(test.before), fields(test.after), records, "us"))
		})
	}
}
