// Package eventschema checks messages against what docs/events publishes of them.
package eventschema

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"
)

const document = "asyncapi.yaml"

var schemas = sync.OnceValues(load)

// Check returns an error where a message is none of those that asyncapi.yaml describes for
// a channel: details, inventory or vitrage. A nil value is a tombstone.
func Check(channel string, headers map[string]string, value []byte) error {
	compiled, err := schemas()
	if err != nil {
		return err
	}
	var errs []error
	for message := range compiled.messages[channel] {
		err := compiled.check(message, headers, value)
		if err == nil {
			return nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", message, err))
	}
	return fmt.Errorf("no message of channel %s is like %q %s: %w", channel, headers, value, errors.Join(errs...))
}

// described is what asyncapi.yaml describes.
type described struct {
	// messages are those of each channel.
	messages map[string]map[string]bool
	headers  map[string]*jsonschema.Schema
	payloads map[string]*jsonschema.Schema
}

func (d *described) check(message string, headers map[string]string, value []byte) error {
	if schema := d.headers[message]; schema != nil {
		object := map[string]any{}
		for name, v := range headers {
			object[name] = v
		}
		if err := schema.Validate(object); err != nil {
			return fmt.Errorf("headers: %w", err)
		}
	}
	if value == nil {
		return d.payloads[message].Validate(nil)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(value))
	if err != nil {
		return fmt.Errorf("parse the value: %w", err)
	}
	return d.payloads[message].Validate(parsed)
}

// asyncAPI is the part of the document that is read here.
type asyncAPI struct {
	Channels map[string]struct {
		Messages map[string]reference `json:"messages"`
	} `json:"channels"`
	Components struct {
		Messages map[string]struct {
			Headers *reference `json:"headers"`
		} `json:"messages"`
	} `json:"components"`
}

type reference struct {
	Ref string `json:"$ref"`
}

func load() (*described, error) {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(file), "..", "..", "..", "docs", "events")
	text, err := os.ReadFile(filepath.Join(dir, document))
	if err != nil {
		return nil, err
	}
	var api asyncAPI
	var whole any
	if err := errors.Join(yaml.Unmarshal(text, &api), yaml.Unmarshal(text, &whole)); err != nil {
		return nil, fmt.Errorf("parse %s: %w", document, err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	root := filepath.Join(dir, document)
	if err := compiler.AddResource(root, whole); err != nil {
		return nil, err
	}
	d := &described{messages: map[string]map[string]bool{}, headers: map[string]*jsonschema.Schema{}, payloads: map[string]*jsonschema.Schema{}}
	for channel, c := range api.Channels {
		d.messages[channel] = map[string]bool{}
		for _, m := range c.Messages {
			d.messages[channel][m.Ref[strings.LastIndex(m.Ref, "/")+1:]] = true
		}
	}
	for name, m := range api.Components.Messages {
		if d.payloads[name], err = compiler.Compile(root + "#/components/messages/" + name + "/payload"); err != nil {
			return nil, err
		}
		if m.Headers != nil {
			if d.headers[name], err = compiler.Compile(root + "#/components/messages/" + name + "/headers"); err != nil {
				return nil, err
			}
		}
	}
	return d, nil
}
