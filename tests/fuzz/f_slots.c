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

#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES 12
#define NOW_MS 1000000

/* A worker's slot or a relay's state, and the place in it. */
static char *place_of(struct slots *slots, const uint8_t *piece,
		      size_t *room_out)
{
	size_t at = (size_t)piece[0] << 8 | piece[1];

	if (piece[2] % 2 == 0) {
		*room_out = sizeof(slots->relay);
		at = (at + (size_t)piece[2] * 256) % *room_out;
		*room_out -= at;
		return (char *)slots->relay + at;
	}
	/* Its first bytes: the ring behind them is read entry by entry. */
	*room_out = sizeof(slots->slot[0]);
	at %= *room_out;
	*room_out -= at;
	return (char *)&slots->slot[piece[2] / 2 % QUEUE_SLOTS_MAX] + at;
}

static void look(struct slots *slots)
{
	static struct mailconf conf = { .workers = 1 };
	const struct status s = {
		.conf = &conf, .slots = slots, .instance = "host:1:aa",
	};
	static const char *const names[] = { "first", "second" };
	struct queue_tally rows[STAGES_ROWS];
	char line[160];
	char name[RELAY_NAME_MAX + 1];
	char *text = status_json(&s, NOW_MS);

	must(fuzz_is_utf8(text));
	free(text);
	status_line(&s, NOW_MS, line, sizeof(line));
	must(strlen(line) < sizeof(line));
	for (int i = 0; i < RELAYS_MAX; i++) {
		int64_t pause;

		slots_relay_name(slots, i, name);
		must(strlen(name) <= RELAY_NAME_MAX);
		stages_rows(&slots->relay[i].stages, name, rows);
		pause = breaker_failure(&slots->relay[i].breaker, NOW_MS,
					60000, false, 7);
		must(pause >= 0 && pause <= 60000);
	}
	for (int i = 0; i < QUEUE_SLOTS_MAX; i++) {
		struct slot_view view = slots_view(&slots->slot[i]);

		must(view.relay >= -1 && view.relay < RELAYS_MAX);
		must(strlen(view.job) <= ENVELOPE_ID_MAX);
	}
	slots_relays_set(slots, names, ARRAY_COUNT(names));
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		must(slots_relay_find(slots, names[i]) != -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slots *slots = alloc_zeroed(1, sizeof(*slots));

	for (; size >= PIECE_BYTES; data += PIECE_BYTES, size -= PIECE_BYTES) {
		size_t room;
		char *at = place_of(slots, data, &room);
		size_t times = data[3];

		for (size_t i = 0; i < times * 8 && i < room; i++)
			at[i] = (char)data[4 + i % 8];
	}
	look(slots);
	free(slots);
	return 0;
}
