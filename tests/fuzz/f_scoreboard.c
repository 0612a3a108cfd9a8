/* SPDX-License-Identifier: MIT */
/*
 * What a broken worker writes into the memory that maild's master reads: pieces
 * of two bytes for a place, one for its part, one for how many times the rest
 * of up to eight bytes is written there.
 */
#include "config.h"

#include "fuzz.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "dispatch/status.h"
#include "state/scoreboard.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES 12
#define NOW_MS 1000000

/* A worker's score, or a relay's state or token, and the place in it. */
static char *place_of(struct scoreboard *board, const uint8_t *piece,
		      size_t *room_out)
{
	size_t at = (size_t)piece[0] << 8 | piece[1];

	if (piece[2] % 2 == 0) {
		*room_out = offsetof(struct scoreboard, token) +
			    sizeof(board->token) -
			    offsetof(struct scoreboard, relay);
		at = (at + (size_t)piece[2] * 256) % *room_out;
		*room_out -= at;
		return (char *)board + offsetof(struct scoreboard, relay) + at;
	}
	/* Its first bytes: the ring behind them is read entry by entry. */
	*room_out = sizeof(board->score[0]);
	at %= *room_out;
	*room_out -= at;
	return (char *)&board->score[piece[2] / 2 % QUEUE_SLOTS_MAX] + at;
}

static void look(struct scoreboard *board)
{
	static struct mailconf conf = { .workers = 1 };
	const struct instance s = {
		.conf = &conf, .board = board, .name = "host:1:aa",
	};
	static const char *const names[] = { "first", "second" };
	struct queue_tally rows[STAGES_ROWS];
	char line[160];
	char name[RELAY_NAME_MAX + 1];
	char token[SENDER_TOKEN_MAX];
	char *text = status_json(&s, NOW_MS);

	must(fuzz_is_utf8(text));
	free(text);
	status_line(&s, NOW_MS, line, sizeof(line));
	must(strlen(line) < sizeof(line));
	for (int i = 0; i < RELAYS_MAX; i++) {
		int64_t pause;

		scoreboard_relay_name(board, i, name);
		must(strlen(name) <= RELAY_NAME_MAX);
		stages_rows(&board->relay[i].stages, name, rows);
		must(!shared_token_copy(&board->token[i], NOW_MS, token) ||
		     strlen(token) < sizeof(token));
		pause = breaker_failure(&board->relay[i].breaker, NOW_MS,
					60000, 7);
		must(pause >= 0 && pause <= 60000);
	}
	for (int i = 0; i < QUEUE_SLOTS_MAX; i++) {
		struct score_view view = score_view(&board->score[i]);

		must(view.relay >= -1 && view.relay < RELAYS_MAX);
		must(strlen(view.job) <= ENVELOPE_ID_MAX);
	}
	scoreboard_relays_set(board, names, ARRAY_COUNT(names));
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		must(scoreboard_relay_find(board, names[i]) != -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scoreboard *board = alloc_zeroed(1, sizeof(*board));

	for (; size >= PIECE_BYTES; data += PIECE_BYTES, size -= PIECE_BYTES) {
		size_t room;
		char *at = place_of(board, data, &room);
		size_t times = data[3];

		for (size_t i = 0; i < times * 8 && i < room; i++)
			at[i] = (char)data[4 + i % 8];
	}
	look(board);
	free(board);
	return 0;
}
