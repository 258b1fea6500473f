package show

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape returns a text without anything that a terminal acts on: control characters, such
// as those of escape sequences, characters that are not visible or change the direction of
// writing, and what is not UTF-8 are written as in Go's source, and so is a backslash.
func Escape(text string) string {
	return escape(text, func(r rune, raw string) string {
		switch {
		case r == '\\':
			return `\\`
		case r == utf8.RuneError && len(raw) == 1:
			return fmt.Sprintf(`\x%02x`, raw[0])
		case r < utf8.RuneSelf:
			return fmt.Sprintf(`\x%02x`, r)
		case r > 0xffff:
			return fmt.Sprintf(`\U%08x`, r)
		}
		return fmt.Sprintf(`\u%04x`, r)
	}, func(r rune) bool { return r == '\\' })
}

// visible returns whether a character shows. Some that Unicode has among letters, marks and symbols
// do not: fillers, blanks and selectors of variants.
func visible(r rune) bool {
	const brailleBlank = 0x2800
	return unicode.IsPrint(r) && r != brailleBlank && !unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// escape replaces what is not visible, and what else is to be.
func escape(text string, replace func(r rune, raw string) string, also func(rune) bool) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		broken := r == utf8.RuneError && size == 1
		if raw := text[:size]; !broken && visible(r) && !also(r) {
			b.WriteString(raw)
		} else {
			b.WriteString(replace(r, raw))
		}
		text = text[size:]
	}
	return b.String()
}
