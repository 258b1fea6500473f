package main

import "math"

const (
	// quantity is the notation of a resource.Quantity. controller-gen's own pattern
	// takes exponents of any length, with which Go computes for minutes, and such
	// with a fraction, which Go does not take.
	quantity = `^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$`
	// maxQuantity bounds it in characters; 19 digits are all that count.
	maxQuantity = 64
	// maxIntOrString bounds the name or percentage that may stand for a number.
	maxIntOrString = 63
	// timestamp is what of the format date-time Go takes for a time, in whichever
	// zone.
	timestamp = `^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`
)

// decodable bounds s and all below it by what Go decodes, and in no time: an
// object that the API server accepts and Go does not can't be repaired. The
// API server takes more times than Go does, and any number where a name may stand
// for it; that it checks the format int32 is nothing that OpenAPI promises. A
// whole number that does not fit 64 bits is none for it, so that int64 needs no
// bound, and the format byte is what Go takes.
func (s schema) decodable() {
	switch {
	case s["type"] == "integer" && s["format"] == "int32":
		s.within32Bits()
	case s["type"] == "string" && s["format"] == "date-time":
		s["pattern"] = timestamp
		s.noList()
	case s["type"] == "string" && s["format"] != nil:
		s.noList()
	case s["x-kubernetes-int-or-string"] != nil && s["pattern"] != nil:
		s["pattern"], s["maxLength"] = quantity, maxQuantity
	case s["x-kubernetes-int-or-string"] != nil:
		s["maxLength"] = maxIntOrString
		s.within32Bits()
	}
	for _, below := range s.below() {
		below.decodable()
	}
}

// noList refuses lists, of whichever length: the API server takes one for a text
// where there is a format.
func (s schema) noList() { s["minItems"], s["maxItems"] = 1, 0 }

// within32Bits bounds a number by what fits 32 bits, where there is no bound.
func (s schema) within32Bits() {
	if s["minimum"] == nil {
		s["minimum"] = math.MinInt32
	}
	if s["maximum"] == nil {
		s["maximum"] = math.MaxInt32
	}
}
