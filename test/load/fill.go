package main

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver that fills
)

// filledSQLite measures the program over so many posts in so many neighbourhoods.
// The program makes the tables; what fills them goes past it, since a million posts
// by requests would take an hour.
func (b *bench) filledSQLite(ctx context.Context, posts, places int, measure func(s *server) error) error {
	dir, err := os.MkdirTemp("", "mealbuddy-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := b.app(ctx, dir, "")
	if err != nil {
		return err
	}
	writer, err := s.register(ctx, 1, chatHome)
	s.stop()
	if err != nil {
		return err
	}
	err = throughSQLite(ctx, dir, func(db *sql.Tx) error {
		for _, fill := range []string{
			`UPDATE user SET email = 'writer@example.com', email_key = 'writer@example.com', username = 'writer', name_key = 'writer'`,
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT @posts)
				INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at)
				SELECT i, @writer, '서울특별시 종로구 ' || (i % @places) || '동', iif(i % 5, '피자', '치킨'), '같이 시켜요 ' || i,
					'두 마리 세트면 배달비가 무료예요. 저녁 7시에 정문에서 받아요.', 4, 0, 1700000000000000 + i
				FROM n`,
			`INSERT INTO member (party_id, user_id, place, standing, joined_at) SELECT id, leader_id, 0, 'in', created_at FROM party`,
		} {
			if _, err := db.ExecContext(ctx, fill, sql.Named("posts", posts), sql.Named("places", places), sql.Named("writer", writer[0].ID)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if s, err = b.app(ctx, dir, ""); err != nil {
		return err
	}
	defer s.stop()
	return measure(s)
}

// fillRoom writes a long log beside the running program.
func fillRoom(ctx context.Context, dir string, room, who int64, lines int) error {
	return throughSQLite(ctx, dir, func(db *sql.Tx) error {
		for _, fill := range []string{
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT @lines)
				INSERT INTO message (party_id, seq, kind, who_id, body, at)
				SELECT @room, last_seq + i, 'said', @who, '순살로 할까요? ' || i, 1700000000000000 + i
				FROM n, party WHERE id = @room`,
			`UPDATE party SET last_seq = (SELECT max(seq) FROM message WHERE party_id = party.id) WHERE id = @room`,
		} {
			if _, err := db.ExecContext(ctx, fill, sql.Named("lines", lines), sql.Named("room", room), sql.Named("who", who)); err != nil {
				return err
			}
		}
		return nil
	})
}

func throughSQLite(ctx context.Context, dir string, write func(*sql.Tx) error) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "mealbuddy.db")+"?_pragma=busy_timeout(5000)&_txlock=immediate")
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing once committed
	if err := write(tx); err != nil {
		return err
	}
	return tx.Commit()
}
