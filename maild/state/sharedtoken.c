/* SPDX-License-Identifier: MIT */
/* A relay's access token as the master shares it with the workers. */
#include "config.h"

#include "state/sharedtoken.h"

#include "base/fault.h"
#include "base/str.h"

#include <string.h>

#define TRIES 100		/* the master writes for microseconds */

static uint64_t hash_of(const char *text)
{
	return text[0] ? str_hash(STR_HASH, text, strlen(text)) : 0;
}

unsigned shared_token_set(struct shared_token *t,
			  const struct token_news *news)
{
	unsigned version = atomic_load(&t->version) | 1;

	atomic_store(&t->version, version);	/* odd: do not read */
	atomic_thread_fence(memory_order_release);
	explicit_bzero(t->text, sizeof(t->text));
	must(str_copy(t->text, sizeof(t->text), news->text));
	(void)str_printable(t->trouble, sizeof(t->trouble), news->trouble);
	atomic_store(&t->wanted, news->wanted);
	atomic_store(&t->good_until_ms,
		     news->text[0] ? news->good_until_ms : 0);
	atomic_store(&t->hash, hash_of(news->text));
	/* The next token may be the same one: it is tried again then. */
	atomic_store(&t->refused, 0);
	atomic_store(&t->version, version + 1);	/* even: complete */
	return version + 1;
}

bool shared_token_is_refused(const struct shared_token *t)
{
	uint64_t hash = atomic_load(&t->hash);

	return hash != 0 && atomic_load(&t->refused) == hash;
}

bool shared_token_is_good(const struct shared_token *t, int64_t now_ms)
{
	return now_ms < atomic_load(&t->good_until_ms) &&
	       !shared_token_is_refused(t);
}

bool shared_token_copy(const struct shared_token *t, int64_t now_ms,
		       char text[SENDER_TOKEN_MAX])
{
	for (int i = 0; i < TRIES; i++) {
		unsigned before = atomic_load(&t->version);
		uint64_t hash = atomic_load(&t->hash);

		if (!shared_token_is_good(t, now_ms))
			break;
		memcpy(text, t->text, SENDER_TOKEN_MAX);
		/* The copy is made before this looks at the version again. */
		atomic_thread_fence(memory_order_acquire);
		if (before % 2 == 1 || atomic_load(&t->version) != before)
			continue;
		/* Something else may have written here. */
		if (!memchr(text, '\0', SENDER_TOKEN_MAX) ||
		    hash_of(text) != hash)
			break;
		return true;
	}
	explicit_bzero(text, SENDER_TOKEN_MAX);
	return false;
}

void shared_token_refuse(struct shared_token *t, const char *text)
{
	atomic_store(&t->refused, hash_of(text));
}

void shared_token_explain(const struct shared_token *t,
			  char trouble[TOKEN_TROUBLE_MAX])
{
	char copy[TOKEN_TROUBLE_MAX];

	memcpy(copy, t->trouble, sizeof(copy));
	copy[sizeof(copy) - 1] = '\0';
	(void)str_printable(trouble, TOKEN_TROUBLE_MAX, copy);
}
