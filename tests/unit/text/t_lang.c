/* SPDX-License-Identifier: MIT */
/* Tests languages: choice, plurals, dates, and files that are wrong. */
#include "config.h"

#include "text/lang.h"

#include "base/alloc.h"

#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static struct lang_set *set;

static int load_the_shipped_ones(void **state)
{
	const char *srcdir = getenv("srcdir");
	char *dir = alloc_printf("%s/locale", srcdir ? srcdir : ".");
	struct fault why = { 0 };

	(void)state;
	set = lang_set_new(dir, NULL, "fr", &why);
	if (!set)
		fprintf(stderr, "%s\n", why.text);
	free(dir);
	return set ? 0 : -1;
}

static int free_them(void **state)
{
	(void)state;
	lang_set_free(set);
	return 0;
}

static void a_browsers_wish_chooses_the_language(void **state)
{
	static const struct {
		const char *header;
		const char *want;
	} rows[] = {
		{ NULL, "fr" },
		{ "", "fr" },
		{ "en", "en" },
		{ "EN-gb", "en" },
		{ "fr-CH, fr;q=0.9, en;q=0.8", "fr" },
		{ "de, en;q=0.7, fr;q=0.3", "en" },
		{ "fr;q=0.5,en;q=0.501", "en" },
		{ "en;q=0, *;q=0.1", "fr" },
		{ "en ; q=1.0 , fr", "en" },
		{ "de", "fr" },
		{ "*", "fr" },
		{ ",,;q=1,en;q=zz,\t en\t", "en" },
		{ "en;q=2", "fr" },
		{ "en;level=1", "fr" },
		{ "en;q=0.0001", "fr" },
		{ "-en, enn, e", "fr" },
		{ "\"en\"", "fr" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const char *got = lang_tag(lang_negotiate(set,
							  rows[i].header));

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("\"%s\": %s", rows[i].header, got);
	}
}

static void an_endless_wish_is_not_read_to_its_end(void **state)
{
	struct buf header = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addstr(&header, "xx,");
	buf_addstr(&header, "en");
	assert_string_equal(lang_tag(lang_negotiate(set, header.data)), "fr");
	buf_release(&header);
}

static void a_tag_finds_its_nearest_language(void **state)
{
	(void)state;
	assert_string_equal(lang_tag(lang_find(set, "fr")), "fr");
	assert_string_equal(lang_tag(lang_find(set, "fr-CH")), "fr");
	assert_string_equal(lang_tag(lang_find(set, "EN-latn-us")), "en");
	assert_null(lang_find(set, "de"));
	assert_null(lang_find(set, ""));
	assert_null(lang_find(set, "f"));
	assert_null(lang_find(set, "../fr"));
	assert_string_equal(lang_tag(lang_at(set, 0)), "en");
	assert_null(lang_at(set, 100));
}

static void dates_read_as_people_write_them(void **state)
{
	static const struct {
		const char *tag;
		struct tm tm;
		const char *date;
		const char *time;
	} rows[] = {
		{ "fr", { .tm_year = 125, .tm_mon = 11, .tm_mday = 3,
			  .tm_wday = 3, .tm_hour = 14, .tm_min = 30 },
		  "mercredi 3 décembre 2025", "14:30" },
		{ "fr", { .tm_year = 126, .tm_mon = 7, .tm_mday = 1,
			  .tm_wday = 6, .tm_hour = 8, .tm_min = 5 },
		  "samedi 1er août 2026", "08:05" },
		{ "en", { .tm_year = 125, .tm_mon = 11, .tm_mday = 3,
			  .tm_wday = 3, .tm_hour = 14, .tm_min = 30 },
		  "Wednesday 3 December 2025", "14:30" },
		{ "en", { .tm_year = 126, .tm_mon = 2, .tm_mday = 1,
			  .tm_wday = 0 },
		  "Sunday 1 March 2026", "00:00" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct lang *l = lang_find(set, rows[i].tag);
		struct buf out = BUF_INIT;

		lang_date(l, &rows[i].tm, &out);
		assert_string_equal(out.data, rows[i].date);
		buf_clear(&out);
		lang_time(l, &rows[i].tm, &out);
		assert_string_equal(out.data, rows[i].time);
		buf_release(&out);
	}
}

static void zones_are_called_what_people_call_them(void **state)
{
	static const struct {
		const char *zone;
		const char *fr;
		const char *en;
	} rows[] = {
		{ "Europe/Paris", "heure de Paris", "Paris time" },
		{ "Europe/London", "heure de Londres", "London time" },
		{ "Europe/Amsterdam", "heure d’Amsterdam", "Amsterdam time" },
		{ "Africa/Cairo", "heure du Caire", "Cairo time" },
		{ "America/New_York", "heure de New York", "New York time" },
		{ "America/Argentina/Buenos_Aires", "heure de Buenos Aires",
		  "Buenos Aires time" },
		{ "America/Sao_Paulo", "heure de São Paulo",
		  "São Paulo time" },
		{ "America/Port-au-Prince", "heure de Port-au-Prince",
		  "Port-au-Prince time" },
		/* What only one language calls otherwise. */
		{ "Asia/Calcutta", "heure de Calcutta", "Kolkata time" },
		{ "UTC", "UTC", "UTC" },
		{ "Etc/UTC", "UTC", "UTC" },
		{ "Etc/GMT", "GMT", "GMT" },
		/* POSIX counts to the west. */
		{ "Etc/GMT+5", "UTC-5", "UTC-5" },
		{ "Etc/GMT-14", "UTC+14", "UTC+14" },
		{ "Etc/GMT+0", "GMT+0", "GMT+0" },
		{ "CET", "CET", "CET" },
		{ "EST5EDT", "EST5EDT", "EST5EDT" },
		{ "Japan", "heure de Japan", "Japan time" },
		{ "", "", "" },
		{ "a.b/", "", "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct buf out = BUF_INIT;

		lang_zone(lang_find(set, "fr"), rows[i].zone, &out);
		assert_string_equal(out.data, rows[i].fr);
		buf_clear(&out);
		lang_zone(lang_find(set, "en"), rows[i].zone, &out);
		assert_string_equal(out.data, rows[i].en);
		buf_release(&out);
	}
}

/* Writes one catalogue into a directory of its own and loads it. */
static struct lang_set *load_text(const char *file, const char *text,
				  struct fault *why)
{
	char dir[] = "/tmp/t_lang.XXXXXX";
	char *path;
	struct lang_set *loaded;
	FILE *f;

	assert_non_null(mkdtemp(dir));
	path = alloc_printf("%s/%s", dir, file);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	loaded = lang_set_new(dir, NULL, "xx", why);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	free(path);
	return loaded;
}

#define BASE \
	"\"tag\":\"xx\",\"name\":\"X\",\"date\":\"{year}\",\"time\":\"\"," \
	"\"first_day\":\"1\",\"months\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"," \
	"\"g\",\"h\",\"i\",\"j\",\"k\",\"l\"]," \
	"\"days\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\"],"
#define TEXTS \
	"\"t\":{\"plain\":\"Ça\",\"vars\":\"{who} at {when}: {nope} {\"," \
	"\"places\":{\"one\":\"{n} place\",\"other\":\"{n} places\"}}"

static void a_calendar_has_its_heads_and_months(void **state)
{
	const struct tm date = { .tm_year = 125, .tm_mon = 11, .tm_mday = 1 };
	const struct lang *french = lang_find(set, "fr");
	struct buf text = BUF_INIT;

	(void)state;
	lang_month(french, &date, &text);
	assert_string_equal(text.data, "décembre 2025");
	buf_release(&text);
	assert_int_equal(lang_week_begins(french), 1);
	assert_string_equal(lang_weekday(french, 0), "dimanche");
	assert_string_equal(lang_weekday_short(french, 0), "di");
	assert_string_equal(lang_weekday_short(lang_find(set, "en"), 6), "Sa");
}

static void a_calendar_without_heads_has_the_whole_names(void **state)
{
	static const char *const odd[] = {
		"", "\"calendar\":{\"days\":[\"a\"]},",
		"\"calendar\":{\"week_begins\":\"7\",\"days\":[1,1,1,1,1,1,1]},",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(odd); i++) {
		struct fault why = { 0 };
		char *text = alloc_printf("{" BASE "%s\"plural\":\"n==1\","
					  TEXTS "}", odd[i]);
		struct lang_set *s = load_text("xx.json", text, &why);

		assert_non_null(s);
		assert_int_equal(lang_week_begins(lang_at(s, 0)), 1);
		assert_string_equal(lang_weekday_short(lang_at(s, 0), 6), "7");
		lang_set_free(s);
		free(text);
	}
}

static char *format(const struct lang_set *s, const char *key,
		    const char *vars)
{
	struct json_object *json = vars ? json_tokener_parse(vars) : NULL;
	struct buf out = BUF_INIT;

	lang_format(lang_at(s, 0), key, json, &out);
	json_object_put(json);
	return buf_detach(&out);
}

static void assert_format(const struct lang_set *s, const char *key,
			  const char *vars, const char *want)
{
	char *got = format(s, key, vars);

	assert_string_equal(got, want);
	free(got);
}

static void texts_take_names_and_plurals(void **state)
{
	struct fault why = { 0 };
	struct lang_set *s = load_text(
		"xx.json", "{" BASE "\"plural\":\"n<2\"," TEXTS "}\n", &why);

	(void)state;
	if (!s)
		fail_msg("%s", why.text);
	assert_string_equal(lang_text(lang_at(s, 0), "t.plain"), "Ça");
	assert_string_equal(lang_text(lang_at(s, 0), "t.none"), "t.none");
	assert_string_equal(lang_text(lang_at(s, 0), "t"), "t");
	assert_format(s, "t.vars", "{\"who\":\"{when}\",\"when\":9}",
		      "{when} at 9: {nope} {");
	assert_format(s, "t.vars", NULL, "{who} at {when}: {nope} {");
	assert_format(s, "t.places", "{\"n\":0}", "0 place");
	assert_format(s, "t.places", "{\"n\":1}", "1 place");
	assert_format(s, "t.places", "{\"n\":2}", "2 places");
	assert_format(s, "no.such", "{}", "no.such");
	lang_set_free(s);

	s = load_text("xx.json", "{" BASE "\"plural\":\"n==1\"," TEXTS "}",
		      &why);
	assert_non_null(s);
	assert_format(s, "t.places", "{\"n\":0}", "0 places");
	assert_format(s, "t.places", "{\"n\":1}", "1 place");
	lang_set_free(s);
}

static void a_noun_says_whole_sentences_otherwise(void **state)
{
	const struct lang *fr = lang_find(set, "fr");
	const struct lang *said = lang_say(fr, "appointment");

	(void)state;
	assert_ptr_not_equal(said, fr);
	assert_string_equal(lang_tag(said), "fr");
	assert_string_equal(lang_text(said, "web.booking.title"),
			    "Votre rendez-vous");
	/* What it does not say otherwise is what the language says. */
	assert_string_equal(lang_text(said, "web.form.name"),
			    lang_text(fr, "web.form.name"));
	assert_string_equal(lang_text(fr, "web.booking.title"),
			    "Votre réservation");
	assert_ptr_equal(lang_say(fr, "nonsense"), fr);
	assert_ptr_equal(lang_say(fr, ""), fr);
	assert_ptr_equal(lang_say(fr, NULL), fr);
	assert_ptr_equal(lang_say(said, "visit"), said);
}

static void a_broken_catalogue_is_named_with_its_line(void **state)
{
	static const struct {
		const char *file;
		const char *text;
		const char *said;
	} rows[] = {
		{ "xx.json", "{\n\"tag\":\n}", "xx.json:3: " },
		{ "xx.json", "[]", "an object" },
		{ "xx.json", "", "xx.json:1: " },
		{ "xx.json", "{" BASE "\"plural\":\"n<2\"} x", "xx.json:1: " },
		{ "xx.json", "{" BASE "\"plural\":\"odd\"}", "\"plural\"" },
		{ "xx.json", "{" BASE "\"a\":\"\xff\",\"plural\":\"n<2\"}",
		  "xx.json:1: " },
		{ "yy.json", "{" BASE "\"plural\":\"n<2\"}", "\"tag\"" },
		{ "xx.json", "{\"tag\":\"xx\"}", "\"plural\"" },
		{ "readme", "no catalogue at all", "\"xx\"" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct fault why = { 0 };

		assert_null(load_text(rows[i].file, rows[i].text, &why));
		assert_int_equal(why.class, FAULT_CONFIG);
		if (!strstr(why.text, rows[i].said))
			fail_msg("row %zu: %s", i, why.text);
	}
	struct fault why = { 0 };

	assert_null(lang_set_new("/nonexistent", NULL, "fr", &why));
	assert_int_equal(why.class, FAULT_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_browsers_wish_chooses_the_language),
		cmocka_unit_test(an_endless_wish_is_not_read_to_its_end),
		cmocka_unit_test(a_tag_finds_its_nearest_language),
		cmocka_unit_test(a_calendar_has_its_heads_and_months),
		cmocka_unit_test(a_calendar_without_heads_has_the_whole_names),
		cmocka_unit_test(dates_read_as_people_write_them),
		cmocka_unit_test(zones_are_called_what_people_call_them),
		cmocka_unit_test(texts_take_names_and_plurals),
		cmocka_unit_test(a_noun_says_whole_sentences_otherwise),
		cmocka_unit_test(a_broken_catalogue_is_named_with_its_line),
	};

	return cmocka_run_group_tests(tests, load_the_shipped_ones,
				      free_them);
}
