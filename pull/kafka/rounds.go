package kafka

import "iter"

// rounds divides entries into batches of at most so many bytes, but for single records, and
// yields maps of one batch for each partition, in the order of each partition.
func rounds(entries []entry, limit int) iter.Seq[map[partition][]entry] {
	return func(yield func(map[partition][]entry) bool) {
		for len(entries) > 0 {
			batches, sizes, full := map[partition][]entry{}, map[partition]int{}, map[partition]bool{}
			var rest []entry
			for _, e := range entries {
				if full[e.at] || (sizes[e.at] > 0 && sizes[e.at]+e.size > limit) {
					full[e.at] = true // what comes after it must not overtake it
					rest = append(rest, e)
					continue
				}
				batches[e.at] = append(batches[e.at], e)
				sizes[e.at] += e.size
			}
			if !yield(batches) {
				return
			}
			entries = rest
		}
	}
}
