package kafka

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The settings of topics that matter, and values of them.
const (
	cleanupPolicy   = "cleanup.policy"
	deleteRetention = "delete.retention.ms"
	retention       = "retention.ms"
	retentionBytes  = "retention.bytes"
	maxMessage      = "max.message.bytes"
	minInSync       = "min.insync.replicas"
	// replication is no setting of a topic, but is changed like one.
	replication = "replication factor"

	policyCompact = "compact"
	policyDelete  = "delete"
	unlimited     = "-1"

	leastDeleteRetention = time.Hour
	// leastMessage has room for an instance with its labels.
	leastMessage = 64 << 10
)

func checkedSettings() []string {
	return []string{cleanupPolicy, deleteRetention, retention, retentionBytes, maxMessage, minInSync}
}

// Finding is a setting of a topic, or a permission, that should be another.
type Finding struct {
	// Topic is empty where the finding is about no topic.
	Topic string
	// Setting has the value Value, and should have Want.
	Setting, Value, Want string
	// Reason is what happens otherwise.
	Reason string
	// Hint says that nothing fails by it.
	Hint bool
}

// String implements fmt.Stringer.
func (f Finding) String() string {
	text := fmt.Sprintf("%s is %s: set it to %s: %s", f.Setting, f.Value, f.Want, f.Reason)
	if f.Topic == "" {
		return text
	}
	return "topic " + f.Topic + ": " + text
}

// topicState is what a topic is like. A setting that is not in config is not known, and
// nothing is found about it.
type topicState struct {
	name              string
	replicas, brokers int
	config            map[string]string
}

// podFindings judges the topic of pod events.
func podFindings(t topicState) []Finding {
	var found []Finding
	if t.policy(policyCompact) {
		found = append(found, t.finding(cleanupPolicy, policyDelete,
			"compaction keeps only the last event of each pod name, so that a consumer that was away misses pods"))
	}
	return append(found, commonFindings(t)...)
}

// inventoryFindings judges the topic of the inventory.
func inventoryFindings(t topicState) []Finding {
	var found []Finding
	_, known := t.config[cleanupPolicy]
	switch {
	case !known:
	case !t.policy(policyCompact):
		found = append(found, t.finding(cleanupPolicy, policyCompact,
			"without compaction "+t.consequence()))
	case t.policy(policyDelete) && t.limited(retention, retentionBytes):
		found = append(found, t.finding(cleanupPolicy, policyCompact+" alone (or "+retention+" and "+retentionBytes+" to -1)",
			t.consequence()))
	}
	if ms, known := t.number(deleteRetention); known && ms < leastDeleteRetention.Milliseconds() {
		found = append(found, t.finding(deleteRetention, strconv.FormatInt(tombstoneRetention.Milliseconds(), 10)+" (24 h)",
			"a consumer that is away for longer never learns what ended"))
	}
	return append(found, commonFindings(t)...)
}

func commonFindings(t topicState) []Finding {
	var found []Finding
	if bytes, known := t.number(maxMessage); known && bytes < leastMessage {
		found = append(found, t.finding(maxMessage, fmt.Sprintf("at least %d (64 KiB)", leastMessage), "larger events are refused"))
	}
	if n, known := t.number(minInSync); known && n > int64(t.replicas) {
		found = append(found, t.finding(minInSync, fmt.Sprintf("at most %d, the number of replicas, or add replicas", t.replicas), "no event is accepted"))
	}
	if t.replicas == 1 && t.brokers > 1 {
		hint := Finding{Topic: t.name, Setting: replication, Value: "1", Want: strconv.Itoa(min(t.brokers, 3)), Hint: true,
			Reason: "while its one broker is away, no event is accepted"}
		found = append(found, hint)
	}
	return found
}

func (t topicState) finding(setting, want, reason string) Finding {
	return Finding{Topic: t.name, Setting: setting, Value: t.config[setting], Want: want, Reason: reason}
}

// policy says whether a policy is among the topic's.
func (t topicState) policy(policy string) bool {
	for p := range strings.SplitSeq(t.config[cleanupPolicy], ",") {
		if strings.TrimSpace(p) == policy {
			return true
		}
	}
	return false
}

// limited says whether one of these settings is known and a limit.
func (t topicState) limited(settings ...string) bool {
	for _, s := range settings {
		if value, known := t.config[s]; known && value != unlimited {
			return true
		}
	}
	return false
}

// consequence is what comes of it that the inventory's records are deleted by age or
// size, or never.
func (t topicState) consequence() string {
	var limits []string
	for _, s := range []string{retention, retentionBytes} {
		if t.limited(s) {
			limits = append(limits, s+"="+t.config[s])
		}
	}
	if len(limits) == 0 {
		return "the topic grows without bound, and takes ever longer to read"
	}
	return "what lives is forgotten after " + strings.Join(limits, " or ") + ", and announced again"
}

func (t topicState) number(setting string) (value int64, known bool) {
	value, err := strconv.ParseInt(t.config[setting], 10, 64)
	return value, err == nil
}
