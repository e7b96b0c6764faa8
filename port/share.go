package port

// ShareCodes makes the codes in links.
type ShareCodes interface {
	// Code returns the code of an id, always the same one. It cannot be guessed.
	Code(id int64) string
	// ID returns the id that a code was made for.
	ID(code string) (id int64, ok bool)
}
