package health

import "xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"

// ColourOf returns the colour of a level.
func ColourOf(l Level) show.Colour {
	switch l {
	case Ready:
		return show.Green
	case Progressing, Missing:
		return show.Yellow
	case Failed:
		return show.Red
	case Terminating:
		return show.Magenta
	}
	return show.Grey
}
