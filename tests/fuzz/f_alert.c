/* SPDX-License-Identifier: MIT */
/* What a broken child writes into the alert pipe, in pieces between form feeds:
 * only keys and sentences come out, and a good line behind it always does. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "daemon/alert_reader.h"

#include <string.h>

static void check(const char *key, const char *text)
{
	size_t len = strlen(key);

	must(len > 0 && len < ALERT_KEY_MAX);
	must(strlen(text) < ALERT_TEXT_MAX);
	for (; *key != '\0'; key++)
		must(*key > ' ' && *key <= '~');
	for (; *text != '\0'; text++)
		must((unsigned char)*text >= ' ' && *text != 0x7f);
}

/* Takes all that is there; returns how many lines were good. */
static size_t take(struct alert_reader *r, char key[ALERT_KEY_MAX],
		   char text[ALERT_TEXT_MAX])
{
	size_t good = 0;
	int got;

	while ((got = alert_reader_take(r, key, text)) != 0) {
		if (got == 1) {
			check(key, text);
			good++;
		}
	}
	/* There is always room for more. */
	must(r->len < sizeof(r->bytes));
	return good;
}

static size_t add(struct alert_reader *r, const char *bytes, size_t len,
		  char key[ALERT_KEY_MAX], char text[ALERT_TEXT_MAX])
{
	size_t good = 0;

	while (len > 0) {
		size_t room = sizeof(r->bytes) - r->len;
		size_t part = len < room ? len : room;

		memcpy(r->bytes + r->len, bytes, part);
		r->len += part;
		bytes += part;
		len -= part;
		good += take(r, key, text);
	}
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char good[] = "\nkey a sentence\n";
	struct alert_reader r = { .len = 0 };
	char key[ALERT_KEY_MAX];
	char text[ALERT_TEXT_MAX];

	while (size > 0) {
		const uint8_t *end = memchr(data, '\f', size);
		size_t len = end != NULL ? (size_t)(end - data) : size;

		(void)add(&r, (const char *)data, len, key, text);
		len += end != NULL;
		data += len;
		size -= len;
	}
	must(add(&r, good, sizeof(good) - 1, key, text) >= 1);
	must(strcmp(key, "key") == 0 && strcmp(text, "a sentence") == 0);
	must(r.len == 0);
	return 0;
}
