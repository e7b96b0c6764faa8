package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// into decodes an answer into v.
func into(v any) func(answer []byte) error {
	return func(answer []byte) error { return json.Unmarshal(answer, v) }
}

// mentions checks that an answer contains parts.
func mentions(parts ...string) func(answer []byte) error {
	return func(answer []byte) error {
		for _, part := range parts {
			if !bytes.Contains(answer, []byte(part)) {
				return fmt.Errorf("no %s in it", part)
			}
		}
		return nil
	}
}

// A memo remembers a correct answer, so that identical bytes are not checked again: the
// generator shares the processors with the program. It must not be used concurrently.
type memo struct{ right []byte }

// or checks answers that differ from the remembered one.
func (m *memo) or(look func(answer []byte) error) func(answer []byte) error {
	return func(answer []byte) error {
		if m.right != nil && bytes.Equal(answer, m.right) {
			return nil
		}
		if err := look(answer); err != nil {
			return err
		}
		m.right = answer
		return nil
	}
}

const pageSize = 10

// page checks a page of the board of the nth neighbourhood against what fill stored.
func (f filling) page(n, page int) func(answer []byte) error {
	return func(answer []byte) error {
		var board struct {
			Posts []struct {
				Title   string `json:"title"`
				Address string `json:"address"`
				Seats   int    `json:"target_number"`
				Joined  int    `json:"join_number"`
				Writer  struct {
					Username string `json:"username"`
				} `json:"writer"`
			} `json:"posts"`
			Paginator struct {
				Range   []int `json:"page_range"`
				Current int   `json:"current_page"`
				Prev    *int  `json:"prev_button"`
				Next    *int  `json:"next_button"`
			} `json:"paginator"`
		}
		if err := json.Unmarshal(answer, &board); err != nil {
			return err
		}
		all := f.board(n)
		posts := all[min((page-1)*pageSize, len(all)):min(page*pageSize, len(all))]
		if len(board.Posts) != len(posts) || len(posts) == 0 {
			return fmt.Errorf("%d posts instead of %d", len(board.Posts), len(posts))
		}
		for i, p := range board.Posts {
			if p.Title != title(posts[i]) || p.Address != f.where(posts[i]%f.places) || p.Seats != 10 || p.Joined != 1 || p.Writer.Username != "writer" {
				return fmt.Errorf("post %d of the page is not %q of %s", i+1, title(posts[i]), f.where(posts[i]%f.places))
			}
		}
		last := (len(all) + pageSize - 1) / pageSize
		right := min(max(page-5, 1)+9, last)
		var numbers []int
		for i := max(right-9, 1); i <= right; i++ {
			numbers = append(numbers, i)
		}
		p := board.Paginator
		if p.Current != page || !slices.Equal(p.Range, numbers) || (p.Prev == nil) != (page == 1) || (p.Next == nil) != (page == last) {
			return fmt.Errorf("not the paginator of page %d of %d", page, last)
		}
		return nil
	}
}

// newest checks the newest page of a room with a number of filled lines after an
// existing one.
func newest(lines, last int64) func(answer []byte) error {
	return func(answer []byte) error {
		var room struct {
			LastSeq  int64 `json:"last_seq"`
			HasMore  bool  `json:"has_more"`
			Messages []struct {
				Seq     int64  `json:"seq"`
				Message string `json:"message"`
			} `json:"messages"`
		}
		if err := json.Unmarshal(answer, &room); err != nil {
			return err
		}
		if len(room.Messages) != 50 || room.LastSeq != last || !room.HasMore {
			return fmt.Errorf("not 50 lines with more before them, the last of which is %d", last)
		}
		for i, m := range room.Messages {
			back := int64(49 - i)
			if m.Seq != last-back || m.Message != fmt.Sprintf("%s %d", words, lines-back) {
				return fmt.Errorf("line %d of the page is not the one that was filled in", i+1)
			}
		}
		return nil
	}
}
