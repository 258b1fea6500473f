package compact

import (
	"crypto/sha256"
	"runtime"
	"sync"
	"weak"
)

// shapes hold what objects of one kind have in common, each of them once. A shape is forgotten when
// the last object of it is. The zero value is ready to use.
type shapes[T any] struct {
	mu    sync.Mutex
	known map[fingerprint]weak.Pointer[T]
}

type fingerprint = [sha256.Size]byte

// share returns the shape that is encoded like this one: itself, where it is the first.
func (s *shapes[T]) share(encoded []byte, shape *T) *T {
	key := sha256.Sum256(encoded)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.known[key].Value(); known != nil {
		return known
	}
	if s.known == nil {
		s.known = map[fingerprint]weak.Pointer[T]{}
	}
	s.known[key] = weak.Make(shape)
	runtime.AddCleanup(shape, s.forget, key)
	return shape
}

func (s *shapes[T]) forget(key fingerprint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[key].Value() == nil { // else another of that fingerprint has taken its place
		delete(s.known, key)
	}
}

func (s *shapes[T]) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.known)
}
