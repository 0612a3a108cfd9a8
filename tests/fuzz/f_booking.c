/* SPDX-License-Identifier: MIT */
/*
 * Booking forms: whatever name, address and notes are taken, envelopes, mail
 * headers and calendars take, too, and nothing in them ends a line.
 */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "base/str.h"
#include "base/utext.h"
#include "compose/mime.h"
#include "domain/booking.h"
#include "domain/idempotency.h"
#include "form/form.h"
#include "queue/envelope.h"
#include "text/ics.h"

#include <json-c/json.h>

#include <string.h>

static void envelope_takes_it(const struct booking_form *b)
{
	struct envelope e = { .id = "a", .kind = "b", .locale = "fr" };
	struct envelope read;
	struct fault why;
	char name[sizeof(b->name)];
	char email[sizeof(b->email)];

	must(str_copy(name, sizeof(name), b->name));
	must(str_copy(email, sizeof(email), b->email));
	e.to_name = name;
	e.to_email = email;
	e.data = json_object_new_object();
	must(json_object_object_add(e.data, "name",
				    json_object_new_string(name)) == 0);

	char *text = envelope_format(&e);

	must(envelope_parse(text, strlen(text), &read, &why) == 0);
	must(strcmp(read.to_name, name) == 0);
	must(strcmp(read.to_email, email) == 0);
	envelope_release(&read);
	json_object_put(e.data);
	free(text);
}

static void mails_take_it(const struct booking_form *b)
{
	struct buf out = BUF_INIT;
	struct fault why;
	const struct ics_event event = {
		.method = "REQUEST", .uid = "a@example.org",
		.stamp = "2025-12-01T00:00:00Z",
		.start = "2025-12-03T13:30:00Z", .end = "2025-12-03T14:00:00Z",
		.summary = b->name, .description = b->notes,
		.organiser_email = "o@example.org",
		.attendee_name = b->name, .attendee_email = b->email,
	};

	mime_header_mailbox(&out, "To", b->name, b->email);
	mime_header_text(&out, "Subject", b->name);
	must(fuzz_has_whole_lines(out.data, out.len, 998));
	buf_clear(&out);
	must(ics_write(&event, &out, &why) == 0);
	must(fuzz_has_whole_lines(out.data, out.len, 75));
	buf_release(&out);
}

static void check_taken(const struct booking_form *b)
{
	must(b->slot_id >= 1);
	must(b->seats >= 1 && b->seats <= BOOKING_SEATS_MAX);
	must(*b->name != '\0' && fuzz_is_utf8(b->name));
	must(str_utf8_count(b->name, strlen(b->name)) <= BOOKING_NAME_MAX);
	must(!utext_has_invisible(b->name));
	must(strpbrk(b->name, "@\r\n") == NULL);
	must(strstr(b->name, "://") == NULL);
	must(fuzz_is_utf8(b->notes) && strchr(b->notes, '\r') == NULL);
	envelope_takes_it(b);
	mails_take_it(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct form f = { .count = 0 };
	size_t len;
	char *text = fuzz_rest(&in, &len);

	mime_init();
	if (form_read_urlencoded(&f, text, len) == FORM_READ) {
		uint8_t one[BOOKING_HASH_BYTES];
		uint8_t two[BOOKING_HASH_BYTES];
		struct booking_form b;

		booking_form_read(&f, &b);
		for (size_t i = 0; i < b.fields.error_count; i++)
			must(fields_error(&b.fields,
					  b.fields.errors[i].field) ==
			     &b.fields.errors[i]);
		if (b.fields.error_count == 0)
			check_taken(&b);
		booking_hash(&b, "fr", one);
		booking_hash(&b, "en", two);
		must(memcmp(one, two, sizeof(one)) != 0);
	}
	form_release(&f);
	free(text);
	return 0;
}
