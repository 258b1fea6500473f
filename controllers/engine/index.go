package engine

// HasIndex says whether an index of this name was added.
func (r *Resource[O]) HasIndex(name string) bool {
	_, ok := r.indexer.GetIndexers()[name]
	return ok
}
