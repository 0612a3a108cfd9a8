/* SPDX-License-Identifier: MIT */
/* Tests whole mails: structure, headers that hold, faults that do not stop. */
#include "config.h"

#include "compose/compose.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"

#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char work[] = "/tmp/t_compose.XXXXXX";
static struct json_object *samples;

static const char *source_dir(void)
{
	const char *dir = getenv("srcdir");

	return dir ? dir : ".";
}

/* A kind that is not shipped yet. */
static int add_a_template(void)
{
	char *path = alloc_printf("%s/fr", work);
	int rc = mkdir(path, 0700);
	FILE *f;

	free(path);
	if (rc < 0)
		return -1;
	path = alloc_printf("%s/fr/booking.extra.txt", work);
	f = fopen(path, "we");
	free(path);
	if (!f || fputs("Subject: moved\n\nMoved.\n", f) < 0)
		return -1;
	return fclose(f);
}

static int begin(void **state)
{
	char *path = alloc_printf("%s/templates/mail/sample.json",
				  source_dir());
	struct fault why = { 0 };

	(void)state;
	samples = json_object_from_file(path);
	free(path);
	if (!samples || !mkdtemp(work) || add_a_template() < 0)
		return -1;
	path = alloc_printf("file:%s/log", work);
	int rc = log_open("t_compose", path, LOG_LEVEL_DEBUG, &why);

	free(path);
	return rc;
}

static int end(void **state)
{
	char *command = alloc_printf("rm -r '%s'", work);
	int rc = system(command);

	(void)state;
	free(command);
	json_object_put(samples);
	return rc;
}

/* Returns what was logged since the last call. */
static char *log_take(void)
{
	struct buf text = BUF_INIT;
	char *path = alloc_printf("%s/log", work);

	assert_int_equal(buf_add_file(&text, path, 1 << 20), 0);
	assert_int_equal(truncate(path, 0), 0);
	free(path);
	return buf_detach(&text);
}

static void assert_logged(const char *what)
{
	char *text = log_take();

	if (*what ? !strstr(text, what) : *text)
		fail_msg("logged \"%s\", not \"%s\"", text, what);
	free(text);
}

/* Of a sender with that name. */
static struct composer *composer(const char *from_name)
{
	struct compose_opts opts = {
		.data_dir = source_dir(),
		.template_dir = work,
		.from_name = from_name,
		.from_address = "rdv@example.fr",
		.message_domain = "example.fr",
		.default_locale = "fr",
	};
	struct fault why = { 0 };
	struct composer *c = composer_new(&opts, &why);

	if (!c)
		fail_msg("%s", why.text);
	return c;
}

/* An envelope with the sample data of kind (may be changed: it is a copy). */
static struct envelope envelope(const char *kind)
{
	struct envelope e = { 0 };
	struct json_object *data = NULL;

	assert_true(str_copy(e.id, sizeof(e.id), "RK7F3M2Q.confirm.0"));
	assert_true(str_copy(e.kind, sizeof(e.kind), kind));
	assert_true(str_copy(e.locale, sizeof(e.locale), "fr"));
	e.to_name = alloc_text("Zoé Martin");
	e.to_email = alloc_text("zoe@example.org");
	if (!json_object_object_get_ex(samples, kind, &data))
		data = json_object_object_get(samples, "booking.confirmed");
	assert_int_equal(json_object_deep_copy(data, &e.data, NULL), 0);
	return e;
}

/* Composes with a composer of its own and releases the envelope. */
static char *composed_by(const char *from_name, struct envelope e)
{
	struct composer *c = composer(from_name);
	struct buf out = BUF_INIT;
	struct fault why = { 0 };

	if (compose_mail(c, &e, &out, &why) < 0)
		fail_msg("%s", why.text);
	assert_int_equal(strlen(out.data), out.len);
	composer_free(c);
	envelope_release(&e);
	return buf_detach(&out);
}

static char *composed(struct envelope e)
{
	return composed_by("Cabinet d'Été", e);
}

static void assert_has(const char *mail, const char *what)
{
	if (!strstr(mail, what))
		fail_msg("no \"%s\" in\n%s", what, mail);
}

static void assert_has_not(const char *mail, const char *what)
{
	if (strstr(mail, what))
		fail_msg("\"%s\" in\n%s", what, mail);
}

static void assert_fit_for_the_wire(const char *mail)
{
	size_t line = 0;

	for (const char *s = mail; *s; s++) {
		assert_true((unsigned char)*s < 0x80);
		if (*s == '\n')
			assert_true(s > mail && s[-1] == '\r');
		if (*s == '\r')
			assert_true(s[1] == '\n');
		line = *s == '\n' ? 0 : line + 1;
		assert_true(line <= 998);
	}
	assert_true(str_ends_with(mail, "\r\n"));
}

static void a_confirmation_has_its_headers_and_parts_in_order(void **state)
{
	static const char *const pieces[] = {
		"From: =?UTF-8?Q?Cabinet_d=27=C3=89t=C3=A9?="
		" <rdv@example.fr>\r\n",
		"To: =?UTF-8?Q?Zo=C3=A9_Martin?= <zoe@example.org>\r\n",
		"Reply-To: ", " <accueil@example.fr>\r\n",
		"Subject: =?UTF-8?Q?Confirmation=C2=A0=3A_Consultation", "\r\n",
		"Date: ", " +0000\r\n",
		"Message-ID: <RK7F3M2Q.confirm.0@example.fr>\r\n",
		"X-Reservoir-Id: RK7F3M2Q.confirm.0\r\n",
		"MIME-Version: 1.0\r\n",
		"Auto-Submitted: auto-generated\r\n",
		"X-Auto-Response-Suppress: OOF, AutoReply\r\n",
		"Content-Language: fr\r\n",
		"Content-Type: multipart/mixed;\r\n"
		" boundary=\"=_m.RK7F3M2Q.confirm.0\"\r\n\r\n",
		"--=_m.RK7F3M2Q.confirm.0\r\n"
		"Content-Type: multipart/alternative;\r\n",
		"--=_a.RK7F3M2Q.confirm.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
		"Bonjour Zo=C3=A9 Martin,",
		"RK7F-3M2Q",
		"Content-Type: text/html; charset=utf-8\r\n",
		"<!DOCTYPE html>",
		"Content-Type: text/calendar; method=REQUEST; charset=utf-8"
		"\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		"--=_a.RK7F3M2Q.confirm.0--\r\n",
		"Content-Type: application/ics; name=\"invitation.ics\"\r\n"
		"Content-Disposition: attachment; filename=\"invitation.ics\""
		"\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		"--=_m.RK7F3M2Q.confirm.0--\r\n",
	};
	char *mail = composed(envelope("booking.confirmed"));
	const char *at = mail;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(pieces); i++) {
		at = strstr(at, pieces[i]);
		if (!at)
			fail_msg("no \"%s\" in its place in\n%s", pieces[i],
				 mail);
		at += strlen(pieces[i]);
	}
	assert_string_equal(at, "");
	assert_has_not(mail, "References:");
	assert_fit_for_the_wire(mail);
	free(mail);
	assert_logged("");
}

static void nothing_in_a_name_adds_a_header(void **state)
{
	static const char *const names[] = {
		"Zoé \"Z\" <x>\r\nBcc: a@b",
		"Zoe\r\nBcc: a@b",
		"\nBcc: a@b\n",
		"x\x1b[0m\x7f\xe2\x80\xa8y\xff\xfe\nBcc: z",
		"=?utf-8?q?=0D=0ABcc:_a=40b?=", "\"", "\\",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		struct envelope e = envelope("booking.confirmed");
		struct json_object *part;

		free(e.to_name);
		e.to_name = alloc_text(names[i]);
		part = json_object_object_get(e.data, "service");
		json_object_object_add(part, "name",
				       json_object_new_string(names[i]));
		part = json_object_object_get(e.data, "organiser");
		json_object_object_add(part, "name",
				       json_object_new_string(names[i]));
		part = json_object_object_get(e.data, "calendar");
		json_object_object_add(part, "summary",
				       json_object_new_string("ok"));

		char *mail = composed(e);
		char *body = strstr(mail, "\r\n\r\n");

		assert_fit_for_the_wire(mail);
		assert_non_null(body);
		*body = '\0';
		assert_has_not(mail, "\nBcc");
		assert_has_not(mail, "=?utf-8?q?=0D");
		assert_has(mail, " <zoe@example.org>\r\nReply-To: ");
		free(mail);
	}
	free(log_take());
}

static void the_organiser_is_the_sender_unless_a_name_is_set(void **state)
{
	static const struct {
		const char *set;
		const char *kind;
		const char *from;
	} rows[] = {
		{ "Reservoir", "booking.confirmed", "Reservoir <rdv@e" },
		{ "", "booking.confirmed", "=?UTF-8?Q?Cabinet_d=E2=80=99=C3=89t"
					   "=C3=A9?= <rdv@e" },
		{ NULL, "notice", "rdv@example.fr\r\n" },
		/* They would get mail from themselves. */
		{ "", "organiser.notice", "rdv@example.fr\r\n" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char *mail = composed_by(rows[i].set, envelope(rows[i].kind));
		char *from = alloc_printf("From: %s", rows[i].from);

		assert_has(mail, from);
		free(from);
		free(mail);
	}
	assert_logged("");
}

static void without_a_calendar_there_is_no_attachment(void **state)
{
	char *mail = composed(envelope("notice"));

	(void)state;
	assert_has(mail, "\r\nContent-Type: multipart/alternative;\r\n");
	assert_has(mail, "\r\nSubject: Maintenance, 3.12.\r\n");
	assert_has(mail, "with &lt;marks&gt; &amp; signs");
	assert_has(mail, "with <marks> & signs");
	assert_has_not(mail, "multipart/mixed");
	assert_has_not(mail, "calendar");
	assert_has_not(mail, "Reply-To");
	assert_fit_for_the_wire(mail);
	free(mail);
	assert_logged("");
}

static void a_wrong_calendar_does_not_stop_the_mail(void **state)
{
	struct envelope e = envelope("booking.confirmed");
	struct json_object *calendar = json_object_object_get(e.data,
							      "calendar");

	(void)state;
	json_object_object_add(calendar, "start",
			       json_object_new_string("yesterday"));
	char *mail = composed(e);

	assert_has(mail, "Bonjour Zo=C3=A9");
	assert_has_not(mail, "text/calendar");
	assert_has_not(mail, "invitation.ics");
	free(mail);
	assert_logged("left out calendar job=RK7F3M2Q.confirm.0 "
		      "why=calendar: start is wrong");

	e = envelope("booking.confirmed");
	json_object_object_add(e.data, "calendar", json_object_new_int(7));
	mail = composed(e);
	assert_has_not(mail, "text/calendar");
	free(mail);
	assert_logged("left out calendar");
}

static void later_mails_of_a_booking_refer_to_the_first(void **state)
{
	struct envelope e = envelope("booking.extra");

	(void)state;
	assert_true(str_copy(e.id, sizeof(e.id), "RK7F3M2Q.extra.1"));
	char *mail = composed(e);

	assert_has(mail, "\r\nMessage-ID: <RK7F3M2Q.extra.1@example.fr>\r\n"
			 "X-Reservoir-Id: RK7F3M2Q.extra.1\r\n"
			 "References: <RK7F3M2Q.confirm.0@example.fr>\r\n");
	free(mail);
	assert_logged("");
}

static void only_an_organiser_with_an_address_gets_replies(void **state)
{
	static const char *const addresses[] = {
		"", "nobody", "a@b\r\nBcc: c@d", "<a@b>", "a@b, c@d" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(addresses); i++) {
		struct envelope e = envelope("booking.confirmed");
		struct json_object *organiser = json_object_object_get(
			e.data, "organiser");

		json_object_object_add(organiser, "email",
				       json_object_new_string(addresses[i]));
		char *mail = composed(e);

		assert_has_not(mail, "Reply-To");
		assert_has_not(mail, "\nBcc");
		free(mail);
	}
}

static void assert_rejected(struct envelope e, const char *why_text)
{
	struct composer *c = composer("Cabinet d'Été");
	struct buf out = BUF_INIT;
	struct fault why = { 0 };

	buf_addstr(&out, "before");
	assert_int_equal(compose_mail(c, &e, &out, &why), -1);
	assert_int_equal(why.class, FAULT_REJECT);
	assert_string_equal(out.data, "before");
	if (!strstr(why.text, why_text))
		fail_msg("%s", why.text);
	buf_release(&out);
	composer_free(c);
	envelope_release(&e);
}

static void what_cannot_be_a_mail_is_rejected(void **state)
{
	struct envelope e = envelope("no.such.kind");

	(void)state;
	assert_rejected(e, "no template for no.such.kind in fr");
	e = envelope("booking.confirmed");
	free(e.to_email);
	e.to_email = alloc_text("a@b>\r\nRCPT TO:<c@d");
	assert_rejected(e, "address");
	e = envelope("booking.confirmed");
	assert_true(str_copy(e.id, sizeof(e.id), "a\r\nb"));
	assert_rejected(e, "id");
	e = envelope("_footer");
	assert_rejected(e, "no template");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_confirmation_has_its_headers_and_parts_in_order),
		cmocka_unit_test(nothing_in_a_name_adds_a_header),
		cmocka_unit_test(
			the_organiser_is_the_sender_unless_a_name_is_set),
		cmocka_unit_test(without_a_calendar_there_is_no_attachment),
		cmocka_unit_test(a_wrong_calendar_does_not_stop_the_mail),
		cmocka_unit_test(later_mails_of_a_booking_refer_to_the_first),
		cmocka_unit_test(
			only_an_organiser_with_an_address_gets_replies),
		cmocka_unit_test(what_cannot_be_a_mail_is_rejected),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
