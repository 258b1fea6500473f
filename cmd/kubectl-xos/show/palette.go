package show

// Palette colours texts, where it is on.
type Palette bool

// Colour is a colour of a terminal's own sixteen, so that it suits the background.
type Colour string

// The colours; a text of Plain is left as it is.
const (
	Plain   Colour = ""
	Red     Colour = "31"
	Green   Colour = "32"
	Yellow  Colour = "33"
	Magenta Colour = "35"
	Grey    Colour = "90"
)

// Paint returns a text in a colour. The text must be escaped before.
func (p Palette) Paint(c Colour, text string) string {
	if !p || c == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}
