package compact

import (
	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/types"
)

// uid is a UID in 24 bytes, where its text takes 64.
type uid struct {
	binary uuid.UUID
	// text is that of a UID that is not written as the API server writes them; nil for others.
	text *types.UID
}

func packUID(u types.UID) uid {
	if binary, err := uuid.Parse(string(u)); err == nil && binary.String() == string(u) {
		return uid{binary: binary}
	}
	return uid{text: &u}
}

func (u uid) unpack() types.UID {
	if u.text != nil {
		return *u.text
	}
	return types.UID(u.binary.String())
}
