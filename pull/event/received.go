package event

import "time"

// Received is a message as a consumer reads it.
type Received struct {
	Partition int32
	Offset    int64
	// Time is when it was produced, or appended where the topic has that instead.
	Time time.Time
	Key  string
	// Value is nil in a tombstone.
	Value   []byte
	Headers []Header
}

// Header returns the value of a header; empty where there is none.
func (m Received) Header(name string) string {
	for _, h := range m.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// Fingerprint returns what identifies the content of a message of the inventory; false where
// it does not say.
func (m Received) Fingerprint() (Fingerprint, bool) {
	text := m.Header(fingerprintHeader)
	return ParseFingerprint(text), text != ""
}
