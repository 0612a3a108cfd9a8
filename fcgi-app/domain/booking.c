/* SPDX-License-Identifier: MIT */
/* Decides about booking forms; asks nobody. */
#include "config.h"

#include "domain/booking.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/utext.h"
#include "http/form.h"

void booking_form_fail(struct booking_form *b, const char *field,
		       const char *code)
{
	must(b->error_count < BOOKING_ERRORS_MAX);
	b->errors[b->error_count++] = (struct booking_error){ field, code };
}

const struct booking_error *booking_form_error(const struct booking_form *b,
					       const char *field)
{
	for (size_t i = 0; i < b->error_count; i++)
		if (strcmp(b->errors[i].field, field) == 0)
			return &b->errors[i];
	return NULL;
}

/* What is wrong with the way a field was sent, or NULL. */
static const char *field_fault(enum form_found found, const char *if_absent)
{
	switch (found) {
	case FORM_ABSENT:
		return if_absent;
	case FORM_REPEATED:
		return "repeated";
	case FORM_WRONG_TYPE:
		return "wrong_type";
	case FORM_FOUND:
		break;
	}
	return NULL;
}

static const char *read_slot(const struct form *f, struct booking_form *out)
{
	const char *value;
	enum form_found found = form_get(f, "slot", &value);
	const char *fault = field_fault(found, "slot_required");

	if (fault == NULL && !str_to_int(value, 1, INT64_MAX, &out->slot_id))
		return *value != '\0' ? "slot_unknown" : "slot_required";
	return fault;
}

/*
 * The name goes into mails: FormMail's lesson is that nothing in it may look
 * like an address or a link.
 */
static const char *read_name(const struct form *f, struct booking_form *out)
{
	const char *value;
	enum form_found found = form_get_text(f, "name", &value);
	const char *fault = field_fault(found, "name_required");

	if (fault != NULL)
		return fault;
	char *copy = alloc_text(value);
	const char *name = utext_trim(copy);
	enum utext_fault odd = utext_name_check(name);

	if (*name == '\0')
		fault = "name_required";
	else if (odd != UTEXT_GOOD)
		fault = odd == UTEXT_EMPTY ? "name_letter" : "name_control";
	else if (strstr(name, "://") != NULL || strchr(name, '@') != NULL ||
		 str_contains_nocase(name, "www."))
		fault = "name_link";
	else if (str_utf8_count(name, strlen(name)) > BOOKING_NAME_MAX ||
		 !str_copy(out->name, sizeof(out->name), name))
		fault = "name_long";
	free(copy);
	return fault;
}

const char *booking_email_read(const struct form *f, char out[ADDRESS_MAX + 1])
{
	static const char *const codes[] = {
		[ADDRESS_GOOD] = NULL,
		[ADDRESS_EMPTY] = "email_required",
		[ADDRESS_BROKEN] = "email_broken",
		[ADDRESS_NO_DOT] = "email_no_dot",
		[ADDRESS_LONG] = "email_long",
		[ADDRESS_NON_ASCII] = "email_non_ascii",
		[ADDRESS_DOTS] = "email_dots",
		[ADDRESS_NUMERIC] = "email_numeric",
	};
	const char *value;
	enum form_found found = form_get_text(f, "email", &value);
	const char *fault = field_fault(found, "email_required");

	if (fault != NULL)
		return fault;
	char *copy = alloc_text(value);

	fault = codes[address_normalise(utext_trim(copy), out)];
	free(copy);
	return fault;
}

static const char *read_email(const struct form *f, struct booking_form *out)
{
	return booking_email_read(f, out->email);
}

static const char *read_seats(const struct form *f, struct booking_form *out)
{
	const char *value;
	enum form_found found = form_get(f, "seats", &value);
	const char *fault = field_fault(found, NULL);

	if (fault != NULL)
		return fault;
	if (found == FORM_ABSENT) {
		out->seats = 1;
		return NULL;
	}
	char *copy = alloc_text(value);

	if (!str_to_int(utext_trim(copy), 1, BOOKING_SEATS_MAX, &out->seats))
		fault = "seats_number";
	free(copy);
	return fault;
}

/* Copies text with each CRLF or lone CR as LF. */
static char *lines_of(const char *text)
{
	char *copy = alloc_text(text);
	char *to = copy;

	for (const char *from = copy; *from != '\0'; from++) {
		if (*from == '\r') {
			*to++ = '\n';
			if (from[1] == '\n')
				from++;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return copy;
}

/* Has it controls other than line ends and tabs? */
static bool has_odd_control(const char *text)
{
	char *copy = alloc_text(text);

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	bool odd = utext_check(copy) != UTEXT_GOOD;

	free(copy);
	return odd;
}

static const char *read_notes(const struct form *f, struct booking_form *out)
{
	const char *value;
	enum form_found found = form_get_text(f, "notes", &value);
	const char *fault = field_fault(found, NULL);

	if (fault != NULL || found == FORM_ABSENT)
		return fault;
	char *copy = lines_of(value);
	const char *notes = utext_trim(copy);

	if (has_odd_control(notes))
		fault = "notes_control";
	else if (str_utf8_count(notes, strlen(notes)) > BOOKING_NOTES_MAX ||
		 !str_copy(out->notes, sizeof(out->notes), notes))
		fault = "notes_long";
	free(copy);
	return fault;
}

/* What the language is, the page or the interface decides. */
static const char *read_lang(const struct form *f, struct booking_form *out)
{
	const char *value;

	(void)out;
	return field_fault(form_get_text(f, "lang", &value), NULL);
}

/* Where the encoding was guessed at, letters may have become others. */
static void doubt_letters(const struct form *f, struct booking_form *out)
{
	static const char *const texts[] = { "name", "email", "notes" };

	for (size_t i = 0; f->guessed && i < ARRAY_COUNT(texts); i++) {
		const char *p = form_text(f, texts[i]);

		while (*p != '\0' && (unsigned char)*p < 0x80)
			p++;
		if (*p != '\0' && booking_form_error(out, texts[i]) == NULL)
			booking_form_fail(out, texts[i], "letters_guessed");
	}
}

void booking_form_read(const struct form *f, struct booking_form *out)
{
	static const struct {
		const char *field;
		const char *(*read)(const struct form *f,
				    struct booking_form *out);
	} fields[] = {
		{ "slot", read_slot },
		{ "name", read_name },
		{ "email", read_email },
		{ "seats", read_seats },
		{ "notes", read_notes },
		{ "lang", read_lang },
	};

	*out = (struct booking_form){ 0 };
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		const char *code = fields[i].read(f, out);

		if (code != NULL)
			booking_form_fail(out, fields[i].field, code);
	}
	doubt_letters(f, out);
}

void booking_form_limit(struct booking_form *b, int64_t capacity)
{
	if (b->seats > capacity && booking_form_error(b, "seats") == NULL)
		booking_form_fail(b, "seats", "seats_many");
}

/* Reads exactly len digits of text. */
static bool digits(const char *text, size_t len, int min, int max, int *out)
{
	int value = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (text[i] - '0');
	}
	*out = value;
	return value >= min && value <= max;
}

bool booking_date_read(const char *text, struct tm *out)
{
	int year;
	int month;
	int day;

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
	    !digits(text, 4, 1970, 9999, &year) ||
	    !digits(text + 5, 2, 1, 12, &month) ||
	    !digits(text + 8, 2, 1, 31, &day))
		return false;
	*out = (struct tm){
		.tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_isdst = -1,
	};
	return true;
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
