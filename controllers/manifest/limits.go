package manifest

// The limits of a blob. A blob is a tenant's: what it costs to read must be
// bounded before it is read.
const (
	// MaxBytes is how long a blob may be; the CRD bounds it in characters.
	MaxBytes = 1 << 20
	// MaxDocuments is how many documents a blob may hold, those in a List
	// included. Half of MaxInventory: what an earlier blob left may come on top.
	MaxDocuments = 512
	// MaxDepth is how deep a document may be nested. CRDs that embed a pod
	// template get to about 80.
	MaxDepth = 128
	// MaxExpanded is how many bytes a blob, all documents together, may come to once
	// its aliases are written out.
	MaxExpanded = 4 << 20
	// MaxNodes is how many values, keys included, a blob may hold once its aliases
	// are written out, and how many separators (commas, colons, dashes, brackets,
	// lines) it may be written with. What a value takes in memory is a hundred times
	// what it takes in the text.
	MaxNodes = 96 << 10
	// MaxInventory is how many entries the status holds, as the CRD says.
	MaxInventory = 1024
	// maxMessage is how many characters an entry's message has, as the CRD says.
	maxMessage = 1024
)
