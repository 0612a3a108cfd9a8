/* SPDX-License-Identifier: MIT */
/* What makes two requests the same: their fingerprints and keys. */
#include "config.h"

#include "domain/idempotency.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "domain/booking.h"
#include "domain/question.h"
#include "domain/sha.h"

#include <ctype.h>

#define IDEMPOTENCY_KEY_MIN 16	/* "order-4711" is somebody else's, too */
#define IDEMPOTENCY_KEY_MAX 255

#define TEXTS_MAX 8

/* SHA-256 over several texts; each goes in with its length before it. */
static void digest(const char *const *texts, size_t count,
		   uint8_t out[BOOKING_HASH_BYTES])
{
	char heads[TEXTS_MAX][STR_INT_SIZE + 1];
	struct sha_piece pieces[2 * TEXTS_MAX];

	must(count <= TEXTS_MAX);
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(texts[i]);
		size_t n = str_int(heads[i], (int64_t)len);

		heads[i][n++] = ':';
		pieces[2 * i] = (struct sha_piece){ heads[i], n };
		pieces[2 * i + 1] = (struct sha_piece){ texts[i], len };
	}
	sha_digest(pieces, 2 * count, out);
}

/* All answers as one text, each with its length before it; for free(). */
static char *answers_text(const struct booking_form *b)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < b->answers.count; i++) {
		const struct given_answer *a = &b->answers.list[i];
		const struct question *q = questions_by_id(b->questions,
							   a->question_id);

		buf_addf(&out, "%s/%lld/%zu:%s", q ? q->name : "",
			 (long long)a->seat, strlen(a->text), a->text);
	}
	return buf_detach(&out);
}

void booking_hash(const struct booking_form *b, const char *locale,
		  uint8_t hash_out[BOOKING_HASH_BYTES])
{
	char slot[STR_INT_SIZE];
	char seats[STR_INT_SIZE];
	char *answers = answers_text(b);

	(void)str_int(slot, b->slot_id);
	(void)str_int(seats, b->seats);
	const char *const texts[] = {
		"booking 1", slot, seats, b->name, b->email, locale, b->notes,
		answers,
	};

	/* Without answers it is the hash that it was before there were any. */
	digest(texts, ARRAY_COUNT(texts) - (b->answers.count == 0), hash_out);
	free(answers);
}

void booking_tag(const char *bytes, size_t len, char out[BOOKING_TAG_LEN + 1])
{
	uint8_t hash[SHA_BYTES];

	sha_digest(&(struct sha_piece){ bytes, len }, 1, hash);
	str_hex(out, hash, BOOKING_TAG_LEN / 2);
}

static void key_of(const char *domain, const char *text,
		   uint8_t key_out[BOOKING_KEY_BYTES])
{
	const char *const texts[] = { domain, text };
	uint8_t hash[BOOKING_HASH_BYTES];

	digest(texts, ARRAY_COUNT(texts), hash);
	memcpy(key_out, hash, BOOKING_KEY_BYTES);
}

bool booking_key_from_form(const char *hex,
			   uint8_t key_out[BOOKING_KEY_BYTES])
{
	uint8_t bytes[BOOKING_KEY_BYTES];
	char canonical[BOOKING_KEY_HEX + 1];

	if (strlen(hex) != BOOKING_KEY_HEX ||
	    !str_unhex(bytes, sizeof(bytes), hex))
		return false;
	str_hex(canonical, bytes, sizeof(bytes));
	key_of("form key", canonical, key_out);
	return true;
}

/* Takes a string out of its quotes (RFC 8941, 3.3.3), in place.  False if it is
 * none. */
static bool unquote(char *text)
{
	const char *from = text + 1;
	char *to = text;

	for (; *from != '"' && *from != '\0'; from++) {
		if (*from == '\\' && *++from != '"' && *from != '\\')
			return false;
		*to++ = *from;
	}
	if (from[0] != '"' || from[1] != '\0')
		return false;
	*to = '\0';
	return true;
}

bool booking_key_from_header(const char *text,
			     uint8_t key_out[BOOKING_KEY_BYTES])
{
	char key[2 * IDEMPOTENCY_KEY_MAX + 3];	/* each one escaped */
	size_t len;

	if (!str_copy(key, sizeof(key), text))
		return false;
	for (const char *p = key; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return false;
	if (key[0] == '"' && !unquote(key))
		return false;
	len = strlen(key);
	if (len < IDEMPOTENCY_KEY_MIN || len > IDEMPOTENCY_KEY_MAX)
		return false;
	key_of("api key", key, key_out);
	return true;
}

void booking_key_from_slot(int64_t slot_id, const char *email, int64_t number,
			   uint8_t key_out[BOOKING_KEY_BYTES])
{
	char *text = alloc_printf("%lld/%lld/%s", (long long)slot_id,
				  (long long)number, email);

	/* The database compares addresses without their case, too. */
	for (char *p = text; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	key_of("slot and address", text, key_out);
	free(text);
}
