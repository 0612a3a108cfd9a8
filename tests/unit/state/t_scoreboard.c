/* SPDX-License-Identifier: MIT */
/* Tests what a master makes of memory in which a broken worker has written. */
#include "config.h"

#include "base/ticks.h"
#include "dispatch/status.h"
#include "state/scoreboard.h"

#include "base/alloc.h"

#include <json-c/json.h>

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct scoreboard *board;
static struct mailconf conf = { .workers = 2 };

static int set_up(void **state)
{
	(void)state;
	board = alloc_zeroed(1, sizeof(*board));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(board);
	return 0;
}

/* All that a master does with it, once a second or when a worker is gone. */
static void look_at_all(void)
{
	const struct instance s = {
		.conf = &conf, .board = board, .name = "host:1:aa",
	};
	struct queue_tally rows[STAGES_ROWS];
	char address[SCOREBOARD_ADDRESS_MAX];
	char name[RELAY_NAME_MAX + 1];
	char line[160];
	struct json_object *json;
	char *text = status_json(&s, 1000);

	json = json_tokener_parse(text);
	assert_non_null(json);
	json_object_put(json);
	free(text);
	status_line(&s, 1000, line, sizeof(line));
	scoreboard_redis_read(board, address);
	assert_true(strlen(address) < sizeof(address));
	for (int i = 0; i < RELAYS_MAX; i++) {
		scoreboard_relay_name(board, i, name);
		stages_rows(&board->relay[i].stages, name, rows);
		(void)breaker_failure(&board->relay[i].breaker, 1000, 60000,
				      7);
	}
	for (int i = 0; i < QUEUE_SLOTS_MAX; i++) {
		struct score_view view = score_view(&board->score[i]);

		assert_true(view.relay >= -1 && view.relay < RELAYS_MAX);
		(void)phase_name(view.phase);
		score_worker_gone(&board->score[i], 1000);
	}
}

static void any_byte_everywhere_is_borne(void **state)
{
	static const int bytes[] = { 0xff, 0x80, 0x7f, 0x01, 0x41, 0x0a };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bytes); i++) {
		memset(board, bytes[i], sizeof(*board));
		look_at_all();
	}
	memset(board, 0, sizeof(*board));
}

static void extreme_numbers_are_no_index(void **state)
{
	static const int seats[] = { INT_MIN, -1, RELAYS_MAX + 1, INT_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(seats); i++) {
		struct score *score = &board->score[3];

		atomic_store(&score->seat, seats[i]);
		atomic_store(&score->phase, seats[i]);
		atomic_store(&score->since_ms, i % 2 ? INT64_MIN : INT64_MAX);
		atomic_store(&score->pid, seats[i]);
		assert_int_equal(score_view(score).relay, -1);
		look_at_all();
	}
}

static void breakers_count_on_from_anything(void **state)
{
	static const int counts[] = { INT_MIN, -1, INT_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(counts); i++) {
		struct breaker b = { .open_until_ms = 0 };
		int64_t pause;

		atomic_store(&b.failures, counts[i]);
		atomic_store(&b.trips, counts[i]);
		atomic_store(&b.history, UINT_MAX);
		pause = breaker_trip(&b, 1000, 60000, 59999);
		assert_true(pause >= 1 && pause <= 60000);
	}
}

static void names_are_found_again_whatever_was_written_over_them(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g",
					     "h" };

	(void)state;
	memset(board, 0, sizeof(*board));
	/* All places are of one name that is wanted. */
	for (int i = 0; i < RELAYS_MAX; i++)
		(void)snprintf(board->relay[i].name, RELAY_NAME_MAX, "a");
	scoreboard_relays_set(board, names, RELAYS_MAX);
	for (int i = 0; i < RELAYS_MAX; i++)
		assert_true(scoreboard_relay_find(board, names[i]) != -1);
	memset(board->relay, 0xff, sizeof(board->relay));
	scoreboard_relays_set(board, names, RELAYS_MAX);
	for (int i = 0; i < RELAYS_MAX; i++)
		assert_true(scoreboard_relay_find(board, names[i]) != -1);
}

static void what_follows_a_half_written_entry_is_read(void **state)
{
	struct score *score = &board->score[0];
	const struct journal_fact fact = { .id = "A1" };
	struct journal_fact read;
	size_t at = 0;

	(void)state;
	/* A worker was killed while it wrote its first. */
	memset(board, 0, sizeof(*board));
	atomic_fetch_or(&score->ring[0].version, 1);
	assert_null(ring_next(score, &at, 0, &read));
	(void)ring_add(score, &fact);
	at = 0;
	assert_non_null(ring_next(score, &at, 0, &read));
	assert_string_equal(read.id, "A1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_byte_everywhere_is_borne),
		cmocka_unit_test(extreme_numbers_are_no_index),
		cmocka_unit_test(breakers_count_on_from_anything),
		cmocka_unit_test(
			names_are_found_again_whatever_was_written_over_them),
		cmocka_unit_test(what_follows_a_half_written_entry_is_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
