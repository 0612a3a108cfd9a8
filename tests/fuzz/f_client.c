/* SPDX-License-Identifier: MIT */
/* Headers of programs: Authorization, a form feed, If-None-Match, a form feed,
 * Idempotency-Key. */
#include "config.h"

#include "fuzz.h"

#include "answer/etag.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "domain/bearer.h"
#include "domain/booking.h"
#include "domain/idempotency.h"

#include <string.h>
#include <strings.h>

static void check_bearer(const char *header)
{
	uint8_t hash[BEARER_HASH_BYTES];
	uint8_t again[BEARER_HASH_BYTES];
	const char *secret = strrchr(header, ' ');

	if (!bearer_hash_header(header, hash))
		return;
	must(secret != NULL && strlen(secret + 1) == BEARER_LEN);
	must(str_starts_with(secret + 1, BEARER_PREFIX));
	must(bearer_hash(secret + 1, again));
	must(memcmp(hash, again, sizeof(hash)) == 0);
	must(strncasecmp(header, "Bearer ", strlen("Bearer ")) == 0);
}

static void check_tags(const char *list)
{
	static const char tag[] = "\"0123456789abcdef0123456789abcdef\"";
	struct buf more = BUF_INIT;

	/* One that it does not name is not in it; put first it is. */
	must(!etag_is_listed(list, tag) || strstr(list, tag) != NULL ||
	     strchr(list, '*') != NULL);
	buf_addf(&more, "W/%s, %s", tag, list);
	must(etag_is_listed(more.data, tag));
	buf_release(&more);
}

static void check_key(const char *text)
{
	uint8_t key[BOOKING_KEY_BYTES];
	uint8_t form_key[BOOKING_KEY_BYTES];

	if (booking_key_from_header(text, key)) {
		must(strlen(text) >= 1 && strlen(text) <= 2 * 255 + 2);
		for (const char *p = text; *p != '\0'; p++)
			must(*p >= ' ' && *p <= '~');
		/* No header is a key of one of our forms. */
		must(!booking_key_from_form(text, form_key) ||
		     memcmp(key, form_key, sizeof(key)) != 0);
	}
	if (booking_key_from_form(text, form_key))
		must(strlen(text) == BOOKING_KEY_HEX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	char *authorization = fuzz_next(&in);
	char *tags = fuzz_next(&in);
	char *key = fuzz_next(&in);

	check_bearer(authorization);
	check_tags(tags);
	check_key(key);
	free(authorization);
	free(tags);
	free(key);
	return 0;
}
