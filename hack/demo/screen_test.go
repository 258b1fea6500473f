package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestAStepIsPrinted(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"when it works": {want: "✓ step "},
		"when it fails": {err: errors.New("no"), want: "✗ step "},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			s := &screen{out: &out}
			if err := s.step("step", func() error { return test.err }); !errors.Is(err, test.err) {
				t.Errorf("got error %v, want %v", err, test.err)
			}
			if got := out.String(); !strings.HasPrefix(got, test.want) || !strings.HasSuffix(got, "s\n") {
				t.Errorf("got %q, want a line that begins with %q", got, test.want)
			}
		})
	}
}

func TestALineIsPrintedAboveTheStepUnderWay(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out, terminal: true}
	err := s.step("step", func() error {
		s.say("event")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "… step\r\033[Kevent\n… step\r\033[K✓ step"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("got %q, want it to begin with %q", out.String(), want)
	}
}

func TestOnlyATerminalGetsColours(t *testing.T) {
	e := podEvent{Status: "created", Name: "web", Labels: map[string]string{"xos_service": "a", "app": "b"}}
	if line := (&screen{}).eventLine(e); strings.Contains(line, "\033") {
		t.Errorf("got %q, want no colour", line)
	}
	if line := (&screen{color: true}).eventLine(e); !strings.Contains(line, "\033[32mcreated") {
		t.Errorf("got %q, want a green status", line)
	}
}

func TestAnEventIsOneLineWithTheLabelsOfXOS(t *testing.T) {
	e := podEvent{Status: "updated", Name: "web", Labels: map[string]string{"xos_service": "a", "app": "b", "xos.opencord.org/slice": "s"}}
	line := (&screen{}).eventLine(e)
	if !strings.HasSuffix(line, "xos.opencord.org/slice=s xos_service=a") || strings.Contains(line, "app=b") {
		t.Errorf("got %q, want the two labels of XOS and no other", line)
	}
}
