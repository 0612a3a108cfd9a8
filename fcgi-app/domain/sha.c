/* SPDX-License-Identifier: MIT */
/* Digests and authentication codes by an algorithm that is looked up once. */
#include "config.h"

#include "domain/sha.h"

#include "base/alloc.h"
#include "base/fault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 64

/* What a process makes once.  A forked child has its own copy. */
struct sha {
	const EVP_MD *md;
	EVP_MD_CTX *work;
	/* Both have read the key's block; copied for each message. */
	EVP_MD_CTX *inner;
	EVP_MD_CTX *outer;
	uint8_t *key;
	size_t key_len;
};

static struct sha *sha(void)
{
	static struct sha it;

	if (it.md != NULL)
		return &it;
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
	it.md = EVP_MD_fetch(NULL, "SHA256", NULL);
#else
	it.md = EVP_sha256();
#endif
	it.work = EVP_MD_CTX_new();
	it.inner = EVP_MD_CTX_new();
	it.outer = EVP_MD_CTX_new();
	must(it.md && it.work && it.inner && it.outer);
	return &it;
}

static void finish(EVP_MD_CTX *ctx, uint8_t out[SHA_BYTES])
{
	unsigned len = 0;

	must(EVP_DigestFinal_ex(ctx, out, &len) == 1 && len == SHA_BYTES);
}

static void read_all(EVP_MD_CTX *ctx, const struct sha_piece *pieces,
		     size_t count)
{
	for (size_t i = 0; i < count; i++)
		must(EVP_DigestUpdate(ctx, pieces[i].data, pieces[i].len) ==
		     1);
}

void sha_digest(const struct sha_piece *pieces, size_t count,
		uint8_t out[SHA_BYTES])
{
	struct sha *s = sha();

	must(EVP_DigestInit_ex(s->work, s->md, NULL) == 1);
	read_all(s->work, pieces, count);
	finish(s->work, out);
}

/* Has ctx read the key's block, each byte of it changed by mask. */
static void key_read(const struct sha *s, EVP_MD_CTX *ctx,
		     const uint8_t block[BLOCK_BYTES], uint8_t mask)
{
	uint8_t masked[BLOCK_BYTES];

	for (size_t i = 0; i < BLOCK_BYTES; i++)
		masked[i] = block[i] ^ mask;
	must(EVP_DigestInit_ex(ctx, s->md, NULL) == 1);
	must(EVP_DigestUpdate(ctx, masked, sizeof(masked)) == 1);
	OPENSSL_cleanse(masked, sizeof(masked));
}

static void key_use(struct sha *s, const struct sha_piece *key)
{
	uint8_t block[BLOCK_BYTES] = { 0 };

	if (s->key != NULL && s->key_len == key->len &&
	    memcmp(s->key, key->data, key->len) == 0)
		return;
	if (key->len > BLOCK_BYTES)
		sha_digest(key, 1, block);
	else
		memcpy(block, key->data, key->len);
	key_read(s, s->inner, block, 0x36);
	key_read(s, s->outer, block, 0x5c);
	OPENSSL_cleanse(block, sizeof(block));
	if (s->key != NULL)
		OPENSSL_cleanse(s->key, s->key_len);
	free(s->key);
	s->key = alloc_zeroed(key->len + 1, 1);
	memcpy(s->key, key->data, key->len);
	s->key_len = key->len;
}

void sha_mac(struct sha_piece key, const struct sha_piece *pieces,
	     size_t count, uint8_t out[SHA_BYTES])
{
	struct sha *s = sha();

	key_use(s, &key);
	must(EVP_MD_CTX_copy_ex(s->work, s->inner) == 1);
	read_all(s->work, pieces, count);
	finish(s->work, out);
	must(EVP_MD_CTX_copy_ex(s->work, s->outer) == 1);
	must(EVP_DigestUpdate(s->work, out, SHA_BYTES) == 1);
	finish(s->work, out);
}
