/* SPDX-License-Identifier: MIT */
/* Decides about booking forms; asks nobody. */
#include "config.h"

#include "domain/booking.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/utext.h"
#include "domain/question.h"
#include "form/form.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void read_slot(struct fields *f, struct booking_form *out)
{
	const char *code = *form_text(f->form, "slot") != '\0' ?
		"slot_unknown" : "slot_required";

	if (!fields_int(f, "slot", (struct fields_range){ 1, INT64_MAX, code },
			&out->slot_id))
		fields_fail(f, "slot", code, 0);
}

/* What many programs take for another character: three bytes of UTF-8. */
static char plain_of(const unsigned char *p)
{
	/* U+2024, U+3002 and U+FF61; U+2044 and U+2215 */
	static const struct {
		const char *bytes;
		char plain;
	} rows[] = {
		{ "\xe2\x80\xa4", '.' }, { "\xe3\x80\x82", '.' },
		{ "\xef\xbd\xa1", '.' }, { "\xe2\x81\x84", '/' },
		{ "\xe2\x88\x95", '/' },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (memcmp(p, rows[i].bytes, 3) == 0)
			return rows[i].plain;
	/* Full width, U+FF01 to U+FF5E, stands for "!" to "~". */
	if (p[0] == 0xef && p[1] == 0xbc && p[2] >= 0x81)
		return (char)(p[2] - 0x81 + '!');
	if (p[0] == 0xef && p[1] == 0xbd && p[2] <= 0x9e)
		return (char)(p[2] - 0x80 + '`');
	return '\0';
}

/* A copy, for free(), in which each character is what it is taken for. */
static char *plain_text(const char *text)
{
	char *copy = alloc_text(text);
	char *to = copy;

	for (const char *from = text; *from != '\0';) {
		const unsigned char *at = (const unsigned char *)from;
		bool whole = (at[0] & 0xf0) == 0xe0 && at[1] != '\0' &&
			     at[2] != '\0';
		char plain = whole ? plain_of(at) : '\0';

		*to++ = plain != '\0' ? plain : *from;
		from += plain != '\0' ? 3 : 1;
	}
	*to = '\0';
	return copy;
}

/* Letters of other scripts count, too: domains have them. */
static bool is_of_label(char c)
{
	return isalnum((unsigned char)c) || c == '-' ||
	       (unsigned char)c >= 0x80;
}

/*
 * Is there a dot in it as in a domain?  "J. Smith", "J.R.R. Tolkien" and
 * "Dr.Martin" are names: what follows is short, or begins with a capital and
 * comes behind a word of one or two letters.
 */
static bool has_domain(const char *name)
{
	for (const char *dot = strchr(name, '.'); dot != NULL;
	     dot = strchr(dot + 1, '.')) {
		const char *end = dot + 1;
		const char *begin = dot;
		bool capital;

		while (is_of_label(*end))
			end++;
		while (begin > name && is_of_label(begin[-1]))
			begin--;
		if (begin == dot || end - dot < 3)
			continue;
		capital = isupper((unsigned char)dot[1]) &&
			  islower((unsigned char)dot[2]);
		if (dot - begin > 2 || !capital || *end == '/')
			return true;
	}
	return false;
}

static bool has_link(const char *name)
{
	static const char *const marks[] = {
		"://", "@", "www.", "http:", "https:", "mailto:", "tel:",
		"javascript:",
	};
	char *plain = plain_text(name);
	bool found = has_domain(plain);

	for (size_t i = 0; i < ARRAY_COUNT(marks) && !found; i++)
		found = str_contains_nocase(plain, marks[i]);
	free(plain);
	return found;
}

/*
 * The name goes into mails: FormMail's lesson is that nothing in it may look
 * like an address or a link, nor what mail programs make one of.
 */
static const char *name_fault(const char *name)
{
	enum utext_fault odd = utext_name_check(name);

	if (*name == '\0')
		return "name_required";
	if (odd != UTEXT_GOOD)
		return odd == UTEXT_EMPTY ? "name_letter" : "name_control";
	if (has_link(name))
		return "name_link";
	if (str_utf8_count(name, strlen(name)) > BOOKING_NAME_MAX)
		return "name_long";
	return NULL;
}

static void read_name(struct fields *f, struct booking_form *out)
{
	const char *code = "name_required";
	char *name = NULL;

	if (fields_text(f, "name", &name))
		code = name_fault(name);
	if (code != NULL)
		fields_fail(f, "name", code, 0);
	else
		must(str_copy(out->name, sizeof(out->name), name));
	free(name);
}

const char *booking_email_read(const struct form *f, char out[ADDRESS_MAX + 1])
{
	struct fields alone = { .form = f };
	const char *code;
	char *text;

	if (!fields_text(&alone, "email", &text))
		return alone.error_count > 0 ? alone.errors[0].code :
					       "email_required";
	code = address_code(address_normalise(text, out));
	free(text);
	return code;
}

static void read_email(struct fields *f, struct booking_form *out)
{
	const char *code = booking_email_read(f->form, out->email);

	if (code != NULL)
		fields_fail(f, "email", code, 0);
}

static void read_notes(struct fields *f, struct booking_form *out)
{
	const struct fields_room room = { BOOKING_NOTES_MAX, true };
	struct fields alone = { .form = f->form };
	char *notes;

	if (fields_words(&alone, "notes", room, &notes)) {
		must(str_copy(out->notes, sizeof(out->notes), notes));
		free(notes);
	} else if (alone.error_count > 0) {
		const char *code = alone.errors[0].code;

		if (strcmp(code, "text_control") == 0)
			code = "notes_control";
		else if (strcmp(code, "text_long") == 0)
			code = "notes_long";
		fields_fail(f, "notes", code, 0);
	}
}

/* Where the encoding was guessed at, letters may have become others. */
static void doubt_letters(struct fields *f)
{
	static const char *const texts[] = { "name", "email", "notes" };

	for (size_t i = 0; f->form->guessed && i < ARRAY_COUNT(texts); i++) {
		const char *p = form_text(f->form, texts[i]);

		if (!str_is_ascii(p, strlen(p)))
			fields_fail(f, texts[i], "letters_guessed", 0);
	}
}

void booking_form_read(const struct form *form, struct booking_form *out)
{
	struct fields *f = &out->fields;
	char *lang = NULL;

	*out = (struct booking_form){ .fields = { .form = form }, .seats = 1 };
	read_slot(f, out);
	read_name(f, out);
	read_email(f, out);
	(void)fields_int(f, "seats",
			 (struct fields_range){ 1, BOOKING_SEATS_MAX,
						"seats_number" },
			 &out->seats);
	read_notes(f, out);
	/* What the language is, the page or the interface decides. */
	(void)fields_text(f, "lang", &lang);
	free(lang);
	doubt_letters(f);
	f->form = NULL;
}

/* Drops those whose field begins so, and that code, "" = any. */
static void errors_forget(struct fields *f, const char *field,
			  const char *code)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->error_count; i++) {
		const struct field_error *e = &f->errors[i];

		if (!str_starts_with(e->field, field) ||
		    (*code != '\0' && strcmp(e->code, code) != 0))
			f->errors[kept++] = *e;
	}
	f->error_count = kept;
}

bool booking_form_limit(struct booking_form *b, int64_t capacity,
			int64_t most)
{
	bool over = most > 0 && most < capacity;
	int64_t limit = over ? most : capacity;

	errors_forget(&b->fields, "seats", "seats_many");
	errors_forget(&b->fields, "seats", "seats_over");
	if (b->seats > limit)
		fields_fail(&b->fields, "seats",
			    over ? "seats_over" : "seats_many", limit);
	return b->seats <= limit;
}

void booking_form_release(struct booking_form *b)
{
	answers_release(&b->answers);
	questions_drop(b->questions);
	b->questions = NULL;
}

bool booking_form_answers(struct booking_form *b, const struct form *form,
			  struct questions *questions)
{
	size_t errors;

	/* They borrow from the questions. */
	errors_forget(&b->fields, ANSWERS_FIELD, "");
	booking_form_release(b);
	b->questions = questions_share(questions);
	errors = b->fields.error_count;
	b->fields.form = form;
	answers_read(&b->fields, questions, b->seats, &b->answers);
	b->fields.form = NULL;
	return b->fields.error_count == errors;
}

enum fail_kind booking_slot_refusal(const struct slot *slot, int64_t now_s)
{
	if (slot->closed)
		return FAIL_NO_SLOT;
	if (slot->starts_at_s <= now_s)
		return FAIL_BEGUN;
	return slot->booked >= slot->capacity ? FAIL_FULL : FAIL_NONE;
}

enum fail_kind booking_wait_refusal(const struct slot *slot, int64_t now_s)
{
	if (slot->starts_at_s <= now_s)
		return FAIL_PAST;
	return slot->closed ? FAIL_NO_SLOT : FAIL_NONE;
}

int64_t booking_until_s(const struct booking_view *v)
{
	return v->slot.starts_at_s - v->service.notice_min * 60;
}

enum booking_freedom booking_freedom(const struct booking_view *v,
				     int64_t now_s)
{
	if (v->cancelled)
		return BOOKING_CANCELLED;
	if (v->slot.starts_at_s <= now_s)
		return BOOKING_BEGUN;
	return booking_until_s(v) > now_s ? BOOKING_FREE : BOOKING_LATE;
}

static int64_t distance(const struct slot *slot, int64_t at_s)
{
	int64_t d = slot->starts_at_s - at_s;

	return d < 0 ? -d : d;
}

static int by_time(const void *a, const void *b)
{
	const struct slot *x = a;
	const struct slot *y = b;

	return (x->starts_at_s > y->starts_at_s) -
	       (x->starts_at_s < y->starts_at_s);
}

size_t booking_nearest(struct slot *slots, size_t count, int64_t at_s,
		       size_t keep)
{
	if (keep > count)
		keep = count;
	for (size_t i = 0; i < keep; i++) {
		size_t best = i;

		for (size_t j = i + 1; j < count; j++)
			if (distance(&slots[j], at_s) <
			    distance(&slots[best], at_s))
				best = j;
		struct slot nearest = slots[best];

		slots[best] = slots[i];
		slots[i] = nearest;
	}
	if (keep > 0)
		qsort(slots, keep, sizeof(*slots), by_time);
	return keep;
}
