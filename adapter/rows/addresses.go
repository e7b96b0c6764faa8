package rows

import "github.com/Group-buying-service/mealbuddy/domain/place"

// Addresses says what became of the addresses of people and posts when they were given
// their official spelling. It is zero if they had it.
type Addresses struct {
	People, Posts Spelt
	Renamed       map[string]string // by the address of before
}

// Spelt counts addresses. The others were official already.
type Spelt struct {
	All     int // that there were
	Changed int // that have their official spelling now
	Left    int // that name no official neighbourhood, and stayed
}

// Add counts the people and posts that have an address.
func (a *Addresses) Add(address string, people, posts int) {
	p, ok := place.Resolve(address)
	switch {
	case !ok:
		a.People.Left += people
		a.Posts.Left += posts
	case p.String() != address:
		a.People.Changed += people
		a.Posts.Changed += posts
		a.Renamed[address] = p.String()
	}
	a.People.All += people
	a.Posts.All += posts
}
