package tenants

import (
	"testing"

	"xos.opencord.org/kubernetes-service/test/tenants/oracle"
)

// attack is a row.
type attack struct {
	// name is the attack as a sentence.
	name string
	// domain is what the operator writes into the spec of the attacker's own trust
	// domain, as YAML; shared likewise for the domain that all may use.
	domain, shared string
	// given is what others have before it, as manifests; those without a namespace
	// are the victim's. None of it may be harmed.
	given string
	// consents are those of the given objects that may be taken over, as
	// "ConfigMap $mine/settings".
	consents []string
	// recorded means that the other namespace is a domain too, by the inventory's
	// record, so that what lies there may be handed over.
	recorded bool
	// does is what the attacker does, in order. All that it applies must be accepted
	// and is waited for, unless holds expects that it is refused.
	does []step
	// holds is what must hold afterwards, beside what does for every row.
	holds []step
	// hides are words that must not show where the attacker can look.
	hides []string
	// unhurried means that what the attacker applies need not have been observed at the
	// end: what waits is reported at its own pace.
	unhurried bool
	// unserved means that the row ends the attacker's own domain.
	unserved bool
}

// step is something that is done or asked.
type step func(c *cast)

// play plays a row, and asks what must hold after each.
func (a attack) play(t *testing.T, w *env) {
	t.Helper()
	c := newCast(t, w, a)
	c.give(a.given)
	for _, consent := range a.consents {
		w.knows(nil, []oracle.Object{c.object(c.ref(victim, consent))})
	}
	for _, do := range a.does {
		do(c)
	}
	if !a.unhurried {
		c.settle()
	}
	for _, hold := range a.holds {
		hold(c)
	}
	if !a.unserved {
		c.served()
	}
	c.unharmed()
	c.undisclosed(a.hides)
	c.lawful()
}
