/* SPDX-License-Identifier: MIT */
/* Makes the keys by which a name is looked for. */
#include "config.h"

#include "domain/namekey.h"

#include "base/compiler.h"
#include "base/str.h"
#include "base/utext.h"

#include <stdint.h>
#include <string.h>

/* A text of at most NAMEKEY_CHARS characters that is being written. */
struct key {
	char *text;
	size_t len;
	size_t chars;
	bool joins;	/* a blank belongs before what comes next */
};

static void key_add(struct key *k, const char *bytes, size_t len)
{
	if (k->chars == NAMEKEY_CHARS)
		return;
	memcpy(k->text + k->len, bytes, len);
	k->len += len;
	k->text[k->len] = '\0';
	k->chars++;
}

/* Appends the words of text up to its end, or to until. */
static void key_add_words(struct key *k, const char *text, const char *until)
{
	while (text != until && *text && k->chars < NAMEKEY_CHARS) {
		const char *at = text;
		uint32_t c = str_utf8_next(&text);

		if (c == 0)
			break;
		if (utext_is_joint(c)) {
			k->joins = k->len > 0;
			continue;
		}
		if (k->joins)
			key_add(k, " ", 1);
		k->joins = false;
		key_add(k, at, (size_t)(text - at));
	}
}

void namekeys_make(struct namekeys *out, const char *name)
{
	const char *next = name;
	bool in_word = false;

	out->count = 0;
	while (out->count < NAMEKEYS_MAX) {
		const char *at = next;
		uint32_t c = str_utf8_next(&next);
		bool is_word = c != 0 && !utext_is_joint(c);

		if (c == 0)
			break;
		if (is_word && (!in_word || utext_is_dense(c))) {
			struct key k = { .text = out->list[out->count++] };

			key_add_words(&k, at, NULL);
			/* Within a word nothing was said before it. */
			k.joins = true;
			if (!in_word)
				key_add_words(&k, name, at);
		}
		in_word = is_word;
	}
}

bool namekey_term(const char *typed, char out[4 * NAMEKEY_CHARS + 1])
{
	struct key k = { .text = out };

	out[0] = '\0';
	key_add_words(&k, typed, NULL);
	return k.len > 0;
}
