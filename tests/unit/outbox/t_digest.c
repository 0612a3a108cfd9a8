/* SPDX-License-Identifier: MIT */
/* Tests when the operators' daily mail is due, and what it says. */
#include "config.h"

#include "outbox/digest.h"

#include "base/alloc.h"
#include "queue/envelope.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define MIDNIGHT_MS INT64_C(1764720000000)	/* 2025-12-03T00:00:00Z */

static struct lang_set *langs;

static int begin(void **state)
{
	struct fault why = { 0 };

	(void)state;
	langs = lang_set_new(TEST_SRCDIR "/locale", NULL, "en", &why);
	return langs ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	lang_set_free(langs);
	return 0;
}

static void the_latest_hour_that_has_come_is_due(void **state)
{
	static const struct {
		int64_t now_ms;
		int64_t hour;
		const char *id;
		int64_t due_ms;
	} rows[] = {
		{ MIDNIGHT_MS, 0, "digest.2025-12-03", MIDNIGHT_MS },
		{ MIDNIGHT_MS - 1, 0, "digest.2025-12-02",
		  MIDNIGHT_MS - DAY_MS },
		{ MIDNIGHT_MS + 6 * HOUR_MS, 6, "digest.2025-12-03",
		  MIDNIGHT_MS + 6 * HOUR_MS },
		{ MIDNIGHT_MS + 6 * HOUR_MS - 1, 6, "digest.2025-12-02",
		  MIDNIGHT_MS - 18 * HOUR_MS },
		{ MIDNIGHT_MS + 23 * HOUR_MS, 23, "digest.2025-12-03",
		  MIDNIGHT_MS + 23 * HOUR_MS },
		{ MIDNIGHT_MS + 30 * HOUR_MS, 23, "digest.2025-12-03",
		  MIDNIGHT_MS + 23 * HOUR_MS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char id[DIGEST_ID_SIZE];

		assert_true(digest_due(rows[i].now_ms, rows[i].hour, id) ==
			    rows[i].due_ms);
		assert_string_equal(id, rows[i].id);
	}
}

/* A member of the envelope's data as text. */
static void assert_says(const struct digest_figures *f, const char *member,
			const char *want)
{
	const struct notification_opts opts = {
		.base_url = "https://rdv.example.fr", .langs = langs,
	};
	const struct notification row = {
		.envelope_id = "digest.2025-12-03", .kind = KIND_DIGEST,
		.begins_at_ms = MIDNIGHT_MS,
	};
	char *text = digest_envelope(&opts, "ops@example.fr", &row, f);
	struct envelope e;
	struct json_object *value;
	struct fault why = { 0 };

	if (envelope_parse(text, strlen(text), &e, &why) < 0)
		fail_msg("%s", why.text);
	assert_string_equal(e.id, "digest.2025-12-03");
	assert_string_equal(e.to_email, "ops@example.fr");
	assert_true(e.not_after_ms == MIDNIGHT_MS + DAY_MS);
	assert_true(json_object_object_get_ex(e.data, member, &value));
	assert_string_equal(json_object_to_json_string_ext(
				    value, JSON_C_TO_STRING_PLAIN |
				    JSON_C_TO_STRING_NOSLASHESCAPE), want);
	envelope_release(&e);
	free(text);
}

static void nothing_lost_and_nothing_late_is_good(void **state)
{
	struct digest_figures f = { .now_ms = MIDNIGHT_MS };

	(void)state;
	assert_says(&f, "good", "true");
	assert_says(&f, "undelivered", "\"0 not delivered\"");
	f.mails.outbox.open = 3;
	f.mails.outbox.oldest_ms = HOUR_MS;
	assert_says(&f, "good", "true");
	assert_says(&f, "oldest", "{\"date\":\"Tuesday 2 December 2025\","
				  "\"time\":\"23:00\"}");
	f.mails.outbox.oldest_ms = HOUR_MS + 1;
	assert_says(&f, "good", "false");
	assert_says(&f, "late", "true");
	assert_says(&f, "lost", "false");
}

static void what_was_lost_is_counted_by_cause(void **state)
{
	struct digest_figures f = {
		.now_ms = MIDNIGHT_MS,
		.mails = {
			.dead = 3, .expired = 1, .cause_count = 2,
			.causes = { { "rejected", 2 }, { "<new>", 1 } },
		},
		.queue = { .dead = 7, .retry = 8, .malformed = 9 },
	};

	(void)state;
	assert_says(&f, "good", "false");
	assert_says(&f, "undelivered", "\"4 not delivered\"");
	assert_says(&f, "causes",
		    "[{\"text\":\"refused by the server\",\"count\":2},"
		    "{\"text\":\"<new>\",\"count\":1}]");
	assert_says(&f, "queue", "{\"dead\":7,\"retry\":8,\"malformed\":9}");
	assert_says(&f, "links",
		    "{\"mails\":\"https://rdv.example.fr/admin/mails\"}");
}

static void what_came_back_is_not_delivered_and_counted(void **state)
{
	struct digest_figures f = {
		.now_ms = MIDNIGHT_MS,
		.mails = { .returned = 3, .returned_likely = 2 },
	};

	(void)state;
	assert_says(&f, "good", "false");
	assert_says(&f, "undelivered", "\"3 not delivered\"");
	assert_says(&f, "returned", "3");
	assert_says(&f, "some_likely", "true");
	assert_says(&f, "likely", "2");
	/* A complaint is about a mail that did arrive. */
	f.mails = (struct store_digest){ .complained = 1 };
	assert_says(&f, "good", "true");
	assert_says(&f, "some_likely", "false");
	assert_says(&f, "some_complained", "true");
	assert_says(&f, "complained", "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_latest_hour_that_has_come_is_due),
		cmocka_unit_test(nothing_lost_and_nothing_late_is_good),
		cmocka_unit_test(what_was_lost_is_counted_by_cause),
		cmocka_unit_test(what_came_back_is_not_delivered_and_counted),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
