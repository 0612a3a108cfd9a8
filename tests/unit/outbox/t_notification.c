/* SPDX-License-Identifier: MIT */
/* A booking as an envelope. */
#include "config.h"

#include "outbox/notification.h"

#include "base/alloc.h"
#include "base/str.h"
#include "queue/envelope.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define DECLINE \
	"\n\nRefuser ou supprimer cette entrée n’annule pas la " \
	"réservation\u00a0: suivez le lien de notre e-mail."

static struct lang_set *langs;

static const struct notification_opts *opts(void)
{
	static struct notification_opts o = {
		.base_url = "https://rdv.example.fr",
		.jsonld = true,
		.key = { "0123456789abcdef0123456789abcdef", 32 },
	};

	o.langs = langs;
	return &o;
}

static char name[] = "Zoé \"Z\" Martin";
static char email[] = "zoe@example.org";
static char fr[] = "fr";
static char service_name[] = "Consultation";
static char service_slug[] = "consultation";
static char description[] = "Sans engagement.";
static char place[] = "12, rue des Lilas";
static char organiser_name[] = "Cabinet d’Été";
static char organiser_email[] = "accueil@example.fr";
static char empty[] = "";

static struct booking_view view(void)
{
	return (struct booking_view){
		.id = 42,
		.ref = "RK7F3M2Q",
		.seats = 2,
		.name = name,
		.email = email,
		.locale = fr,
		.notes = empty, .cancel_reason = empty,
		.created_at_s = 1763628764,
		.link = { .id = 42, .drawn = true, .nonce = { 1 } },
		.calendar = { "example.fr", "rdv@example.fr" },
		.slot = { .id = 7, .starts_at_s = 1764768600,
			  .ends_at_s = 1764770400, .zone = "Europe/Paris" },
		.service = {
			.name = service_name,
			.description = description,
			.place = place,
			.organiser_name = organiser_name,
			.organiser_email = organiser_email,
			.slug = service_slug,
			.language = empty,
			.noun = empty,
		},
	};
}

/* Reads text as maild does, which must be what json-c would have written; frees
 * it. */
static struct envelope read_again(char *text)
{
	struct json_object *tree = json_tokener_parse(text);
	struct envelope e;
	struct fault why;

	assert_string_equal(text, json_object_to_json_string_ext(
		tree,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(tree);
	if (envelope_parse(text, strlen(text), &e, &why) < 0)
		fail_msg("%s", why.text);
	free(text);
	return e;
}

static struct envelope made_with(const struct notification_opts *o,
				 const struct booking_view *v)
{
	const struct notification row = {
		.envelope_id = "RK7F3M2Q.confirm.0",
		.kind = KIND_CONFIRMED,
		.begins_at_ms = v->created_at_s * 1000,
	};

	return read_again(notification_envelope(o, v, &row));
}

static struct envelope made(const struct booking_view *v)
{
	return made_with(opts(), v);
}

/* The text at a path of members, "when.date". */
static const char *at(const struct envelope *e, const char *path)
{
	struct json_object *o = e->data;
	char *copy = alloc_text(path);
	char *rest = copy;
	char *member;

	while ((member = strsep(&rest, ".")) != NULL)
		if (!json_object_object_get_ex(o, member, &o))
			fail_msg("no %s", path);
	free(copy);
	return json_object_get_string(o);
}

static void the_envelope_is_addressed_to_the_visitor(void **state)
{
	struct booking_view v = view();
	struct envelope e = made(&v);

	(void)state;
	assert_string_equal(e.id, "RK7F3M2Q.confirm.0");
	assert_string_equal(e.kind, "booking.confirmed");
	assert_string_equal(e.to_name, name);
	assert_string_equal(e.to_email, email);
	assert_string_equal(e.locale, "fr");
	assert_int_equal(e.not_after_ms,
			 INT64_C(1763628764000) + 5 * 24 * 3600 * 1000);
	envelope_release(&e);
}

static void the_data_says_all_that_the_mail_says(void **state)
{
	static const struct {
		const char *path;
		const char *text;
	} rows[] = {
		{ "ref", "RK7F-3M2Q" },
		{ "name", "Zoé \"Z\" Martin" },
		{ "seats", "2" },
		{ "seats_text", "2 places" },
		{ "service.name", "Consultation" },
		{ "service.description", "Sans engagement." },
		{ "service.place", "12, rue des Lilas" },
		{ "organiser.name", "Cabinet d’Été" },
		{ "organiser.email", "accueil@example.fr" },
		{ "when.date", "mercredi 3 décembre 2025" },
		{ "when.time", "14:30" },
		{ "when.end_time", "15:00" },
		{ "when.zone", "heure de Paris" },
		{ "when.utc_offset", "UTC+01:00" },
		{ "calendar.method", "REQUEST" },
		{ "calendar.uid", "RK7F3M2Q@example.fr" },
		{ "calendar.sequence", "0" },
		{ "calendar.start", "2025-12-03T13:30:00Z" },
		{ "calendar.end", "2025-12-03T14:00:00Z" },
		{ "calendar.created", "2025-11-20T08:52:44Z" },
		{ "calendar.summary", "Consultation" },
		{ "calendar.location", "12, rue des Lilas" },
		{ "calendar.description",
		  "Réservation RK7F-3M2Q, 2 places\n\nSans engagement."
		  DECLINE },
		{ "calendar.organiser", "rdv@example.fr" },
		{ "jsonld.@type", "EventReservation" },
		{ "jsonld.reservationNumber", "RK7F-3M2Q" },
		{ "jsonld.reservationFor.startDate",
		  "2025-12-03T14:30:00+01:00" },
		{ "jsonld.reservationFor.endDate",
		  "2025-12-03T15:00:00+01:00" },
	};
	struct booking_view v = view();
	struct envelope e = made(&v);

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (strcmp(at(&e, rows[i].path), rows[i].text) != 0)
			fail_msg("%s is \"%s\"", rows[i].path,
				 at(&e, rows[i].path));
	envelope_release(&e);
}

static void the_link_opens_the_booking(void **state)
{
	struct booking_view v = view();
	struct envelope e = made(&v);
	const char *link = at(&e, "links.manage");
	char ref[TOKEN_REF_LEN + 1];
	char mac[TOKEN_MAC_LEN + 1];

	(void)state;
	assert_true(str_starts_with(link, "https://rdv.example.fr/b/"));
	assert_true(token_parse(link + strlen("https://rdv.example.fr/b/"),
				ref, mac));
	assert_string_equal(ref, "RK7F3M2Q");
	assert_true(token_is_genuine(&opts()->key, &v.link, mac));
	envelope_release(&e);
}

static void the_calendar_entry_does_not_hold_the_link(void **state)
{
	struct booking_view v = view();
	struct envelope e = made(&v);

	(void)state;
	assert_null(strstr(at(&e, "calendar"), "/b/"));
	envelope_release(&e);
}

static void a_visitor_of_another_language_gets_it(void **state)
{
	static char en[] = "en";
	struct booking_view v = view();

	(void)state;
	v.locale = en;
	v.seats = 1;

	struct envelope e = made(&v);

	assert_string_equal(e.locale, "en");
	assert_string_equal(at(&e, "seats_text"), "1 place");
	assert_string_equal(at(&e, "when.date"), "Wednesday 3 December 2025");
	envelope_release(&e);
}

static void a_language_that_is_gone_becomes_the_default(void **state)
{
	static char gone[] = "xx";
	struct booking_view v = view();

	(void)state;
	v.locale = gone;

	struct envelope e = made(&v);

	assert_string_equal(e.locale, "fr");
	envelope_release(&e);
}

static void a_service_may_call_its_bookings_otherwise(void **state)
{
	static char appointment[] = "appointment";
	static char place_noun[] = "place";
	struct booking_view v = view();
	struct json_object *unused;

	(void)state;

	struct envelope e = made(&v);

	assert_false(json_object_object_get_ex(e.data, "noun", &unused));
	envelope_release(&e);
	v.service.noun = appointment;
	e = made(&v);
	assert_string_equal(at(&e, "noun.appointment"), "true");
	assert_non_null(strstr(at(&e, "calendar.description"),
			       "Rendez-vous RK7F-3M2Q"));
	envelope_release(&e);
	v.service.noun = place_noun;
	v.seats = 2;
	e = made(&v);
	assert_string_equal(at(&e, "noun.places"), "true");
	envelope_release(&e);
}

static void the_organisation_is_told_only_if_there_is_one(void **state)
{
	struct notification_opts branded = *opts();
	struct booking_view v = view();
	struct json_object *unused;

	(void)state;

	struct envelope e = made(&v);

	assert_false(json_object_object_get_ex(e.data, "brand", &unused));
	envelope_release(&e);
	branded.site_name = "Mairie";
	branded.site_logo = "/brand/logo.png";
	e = made_with(&branded, &v);
	assert_string_equal(at(&e, "brand.name"), "Mairie");
	assert_string_equal(at(&e, "brand.logo"),
			    "https://rdv.example.fr/brand/logo.png");
	envelope_release(&e);
}

static void a_zone_that_is_gone_gives_utc_and_says_so(void **state)
{
	struct booking_view v = view();

	(void)state;
	(void)snprintf(v.slot.zone, sizeof(v.slot.zone), "Mars/Olympus");

	struct envelope e = made(&v);

	/* The subject has the time alone. */
	assert_string_equal(at(&e, "when.time"), "13:30\u00a0UTC");
	assert_string_equal(at(&e, "when.end_time"), "14:00\u00a0UTC");
	assert_string_equal(at(&e, "when.zone"), "UTC");
	assert_string_equal(at(&e, "when.utc_offset"), "UTC+00:00");
	assert_string_equal(at(&e, "jsonld.reservationFor.startDate"),
			    "2025-12-03T13:30:00+00:00");
	envelope_release(&e);
}

static void what_the_service_lacks_is_empty_or_left_out(void **state)
{
	struct booking_view v = view();
	struct json_object *unused;

	(void)state;
	v.service.place = empty;
	v.service.description = empty;
	v.service.organiser_name = empty;
	v.service.organiser_email = empty;

	struct envelope e = made(&v);
	struct json_object *event = json_object_object_get(
		json_object_object_get(e.data, "jsonld"), "reservationFor");

	assert_string_equal(at(&e, "service.place"), "");
	assert_string_equal(at(&e, "organiser.email"), "");
	assert_string_equal(at(&e, "calendar.description"),
			    "Réservation RK7F-3M2Q, 2 places" DECLINE);
	assert_false(json_object_object_get_ex(event, "location", &unused));
	assert_false(json_object_object_get_ex(event, "organizer", &unused));
	envelope_release(&e);
}

/* The envelope of v for a row of that kind. */
static struct envelope told_by(const struct notification_opts *o,
			       const struct booking_view *v,
			       const struct notification *row)
{
	return read_again(notification_envelope(o, v, row));
}

static struct envelope told(const struct booking_view *v,
			    const struct notification *row)
{
	return told_by(opts(), v, row);
}

static void a_cancelled_booking_is_withdrawn_from_calendars(void **state)
{
	struct booking_view v = view();
	const struct notification row = {
		.envelope_id = "RK7F3M2Q.cancel.2",
		.kind = KIND_CANCELLED,
		.begins_at_ms = 1763628764000,
	};

	(void)state;
	v.cancelled = true;
	v.sequence = 2;
	struct envelope e = told(&v, &row);

	assert_string_equal(at(&e, "calendar.method"), "CANCEL");
	assert_string_equal(at(&e, "calendar.sequence"), "2");
	assert_null(strstr(at(&e, "calendar.description"), "Refuser"));
	assert_string_equal(at(&e, "jsonld.reservationStatus"),
			    "https://schema.org/ReservationCancelled");
	envelope_release(&e);
}

static void programs_are_told_only_where_that_is_set(void **state)
{
	struct booking_view v = view();
	const struct notification row = {
		.envelope_id = "RK7F3M2Q.confirm.0",
		.kind = KIND_CONFIRMED,
	};
	struct notification_opts plain = *opts();
	struct json_object *unused;
	struct envelope e;
	struct fault why;

	(void)state;
	plain.jsonld = false;

	char *text = notification_envelope(&plain, &v, &row);

	assert_int_equal(envelope_parse(text, strlen(text), &e, &why), 0);
	free(text);
	assert_true(json_object_object_get_ex(e.data, "calendar", &unused));
	assert_false(json_object_object_get_ex(e.data, "jsonld", &unused));
	envelope_release(&e);
}

static void a_reminder_is_not_sent_when_it_has_begun(void **state)
{
	struct booking_view v = view();
	const struct notification row = {
		.envelope_id = "RK7F3M2Q.reminder.0",
		.kind = KIND_REMINDER,
		.begins_at_ms = (v.slot.starts_at_s - 86400) * 1000,
	};
	struct json_object *unused;
	struct envelope e = told(&v, &row);

	(void)state;
	assert_true(e.not_after_ms == v.slot.starts_at_s * 1000);
	assert_false(json_object_object_get_ex(e.data, "calendar", &unused));
	envelope_release(&e);
}

static void a_place_is_kept_for_a_length_until_it_is_known_when(void **state)
{
	struct notification_opts night = *opts();
	struct notification row = {
		.envelope_id = "RK7F3M2Q.place.0",
		.waiting_id = 42,
		.kind = KIND_PLACE_FREE,
		.begins_at_ms = 1764600000000,
	};
	struct booking_view v = view();
	struct envelope e;

	(void)state;
	v.id = -42;
	v.service.offer_min = 120;
	v.service.confirm_min = 45;
	v.offered_at_s = row.begins_at_ms / 1000;
	v.offer_until_s = v.offered_at_s + OFFER_UNTOLD_MS / 1000;
	e = told(&v, &row);
	assert_string_equal(at(&e, "within"), "2\u00a0heures");
	assert_null(json_object_object_get(e.data, "until"));
	assert_null(json_object_object_get(e.data, "quiet"));
	/* It is given up before the place goes back. */
	assert_int_equal(e.not_after_ms,
			 v.offer_until_s * 1000 - OFFER_MARGIN_MS);
	envelope_release(&e);

	night.quiet = (struct quiet_hours){ 22 * 60, 7 * 60 };
	e = told_by(&night, &v, &row);
	assert_string_equal(at(&e, "quiet.from"), "22:00");
	assert_string_equal(at(&e, "quiet.until"), "07:00");
	envelope_release(&e);

	/* Whoever is to confirm a booking has no night, and no reference. */
	v.held = true;
	must(str_copy(row.kind, sizeof(row.kind), KIND_CONFIRM));
	e = told_by(&night, &v, &row);
	assert_string_equal(at(&e, "within"), "45\u00a0minutes");
	assert_null(json_object_object_get(e.data, "quiet"));
	assert_null(json_object_object_get(e.data, "ref"));
	assert_null(json_object_object_get(e.data, "calendar"));
	envelope_release(&e);

	/* Its time runs already: the same mail, sent again. */
	v.told_at_s = v.offered_at_s + 60;
	v.offer_until_s = v.told_at_s + 45 * 60;
	e = told(&v, &row);
	assert_string_equal(at(&e, "until.time"), "16:26");
	assert_null(json_object_object_get(e.data, "within"));
	assert_int_equal(e.not_after_ms, v.offer_until_s * 1000);
	envelope_release(&e);

	/* It begins before the length is over. */
	v.told_at_s = 0;
	v.slot.starts_at_s = v.offered_at_s + 1800;
	v.offer_until_s = v.slot.starts_at_s;
	e = told(&v, &row);
	assert_string_equal(at(&e, "until.time"), "16:10");
	assert_null(json_object_object_get(e.data, "within"));
	assert_int_equal(e.not_after_ms, v.offer_until_s * 1000);
	envelope_release(&e);
}

static void the_organiser_gets_no_key_to_the_booking(void **state)
{
	struct booking_view v = view();
	const struct notification row = {
		.envelope_id = "RK7F3M2Q.organiser.0",
		.kind = KIND_ORGANISER,
		.detail = "booked",
	};
	struct json_object *links;
	struct envelope e = told(&v, &row);

	(void)state;
	assert_string_equal(e.to_email, v.service.organiser_email);
	assert_string_equal(at(&e, "reply_to.email"), v.email);
	assert_true(json_object_object_get_ex(e.data, "links", &links));
	assert_int_equal(json_object_object_length(links), 1);
	assert_non_null(strstr(at(&e, "links.desk"), "/admin/b/RK7F3M2Q"));
	assert_null(strstr(at(&e, "links.desk"), "RK7F3M2Q."));
	assert_false(json_object_object_get_ex(e.data, "jsonld", &links));
	envelope_release(&e);
}

static void the_organiser_reads_when_a_moved_booking_was_before(void **state)
{
	struct booking_view v = view();
	const struct notification row = {
		.envelope_id = "RK7F3M2Q.organiser.1",
		.kind = KIND_ORGANISER,
		.detail = "moved",
		.was_at_s = v.slot.starts_at_s - 86400,
		.was_zone = "Europe/Paris",
	};
	struct envelope e = told(&v, &row);

	(void)state;
	assert_string_equal(at(&e, "was.date"), "mardi 2 décembre 2025");
	assert_string_equal(at(&e, "was.time"), "14:30");
	envelope_release(&e);
}

static void a_repeated_envelope_is_the_same_byte_for_byte(void **state)
{
	struct booking_view v = view();
	const struct notification row = { .envelope_id = "a",
					  .kind = KIND_CONFIRMED };
	char *first = notification_envelope(opts(), &v, &row);
	char *again = notification_envelope(opts(), &v, &row);

	(void)state;
	assert_string_equal(first, again);
	free(first);
	free(again);
}

static int load_langs(void **state)
{
	const char *srcdir = getenv("srcdir");
	char *dir = alloc_printf("%s/locale", srcdir ? srcdir : ".");
	struct fault why;

	(void)state;
	langs = lang_set_new(dir, NULL, "fr", &why);
	if (!langs)
		print_error("%s\n", why.text);
	free(dir);
	return langs ? 0 : -1;
}

static int free_langs(void **state)
{
	(void)state;
	lang_set_free(langs);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_envelope_is_addressed_to_the_visitor),
		cmocka_unit_test(the_data_says_all_that_the_mail_says),
		cmocka_unit_test(the_link_opens_the_booking),
		cmocka_unit_test(the_calendar_entry_does_not_hold_the_link),
		cmocka_unit_test(a_visitor_of_another_language_gets_it),
		cmocka_unit_test(a_language_that_is_gone_becomes_the_default),
		cmocka_unit_test(a_service_may_call_its_bookings_otherwise),
		cmocka_unit_test(the_organisation_is_told_only_if_there_is_one),
		cmocka_unit_test(a_zone_that_is_gone_gives_utc_and_says_so),
		cmocka_unit_test(what_the_service_lacks_is_empty_or_left_out),
		cmocka_unit_test(
			the_organiser_reads_when_a_moved_booking_was_before),
		cmocka_unit_test(a_repeated_envelope_is_the_same_byte_for_byte),
		cmocka_unit_test(
			a_cancelled_booking_is_withdrawn_from_calendars),
		cmocka_unit_test(programs_are_told_only_where_that_is_set),
		cmocka_unit_test(a_reminder_is_not_sent_when_it_has_begun),
		cmocka_unit_test(
		    a_place_is_kept_for_a_length_until_it_is_known_when),
		cmocka_unit_test(the_organiser_gets_no_key_to_the_booking),
	};

	return cmocka_run_group_tests(tests, load_langs, free_langs);
}
