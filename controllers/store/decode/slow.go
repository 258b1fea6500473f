package decode

import (
	"errors"
)

const (
	// maxExponent and maxDigits are how many digits the exponent and the mantissa
	// of a number in a text may have before it is examined closely: as quantities
	// "1e-9999999" and a megabyte of digits take seconds, and longer ones minutes.
	maxExponent = 3
	maxDigits   = 256
)

// errSlow is why an object was not decoded as a whole at once.
var errSlow = errors.New("it holds a number that may take long to decode")

// isSlow returns whether there is a number in the data that would take long to
// decode as a quantity. It may be a part of an innocent text, which only a closer
// examination shows. Each run of digits that matters covers a byte that is examined,
// so that most are not.
func isSlow(data []byte) bool {
	const stride = maxExponent + 1
	for i := stride - 1; i < len(data); i += stride {
		if !isDigit(data[i]) {
			continue
		}
		begin, end := i, i+1
		for begin > 0 && isDigit(data[begin-1]) {
			begin--
		}
		for end < len(data) && isDigit(data[end]) {
			end++
		}
		if end-begin > maxDigits || end-begin > maxExponent && isExponent(data, begin, end) {
			return true
		}
		i = end // the next run that matters ends no earlier than a stride behind it
	}
	return false
}

// isExponent returns whether the digits between begin and end are the exponent of a
// number that is a text of its own.
func isExponent(data []byte, begin, end int) bool {
	i := begin - 1
	if i >= 0 && (data[i] == '-' || data[i] == '+') {
		i--
	}
	if i < 1 || data[i] != 'e' && data[i] != 'E' {
		return false
	}
	i--
	mantissa := i
	for i >= 0 && (isDigit(data[i]) || data[i] == '.') {
		i--
	}
	if i == mantissa {
		return false
	}
	if i >= 0 && (data[i] == '-' || data[i] == '+') {
		i--
	}
	return !inWord(data, i) && !inWord(data, end)
}

// inWord returns whether a byte belongs to a text that no quantity could be.
func inWord(data []byte, i int) bool {
	if i < 0 || i >= len(data) {
		return false
	}
	switch data[i] {
	case '"', ' ', '\t', '\n', '\r', ',', ':', '[', ']', '{', '}', '\\':
		return false
	}
	return true
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
