/* SPDX-License-Identifier: MIT */
/* The envelope sender of each mail, to which bounces go. */
#include "config.h"

#include "bounce/returnpath.h"

#include "base/fault.h"
#include "base/str.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TAG_BYTES 5		/* one chance in 2^40 for each forged mail */
#define TAG_LEN 8		/* in base32 */
#define CODED_MAX (2 * ENVELOPE_ID_MAX)	/* each letter may change the case */
#define LOCAL_MAX 64		/* RFC 5321, 4.5.3.1.1 */

/* Base32 of RFC 4648, in small letters. */
static void tag_make(const char *key, const char *id, char tag[TAG_LEN + 1])
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_len = 0;
	uint64_t bits = 0;
	char said[ENVELOPE_ID_MAX + 32];
	int len = snprintf(said, sizeof(said), "reservoir return path 1:%s",
			   id);

	must(len > 0 && (size_t)len < sizeof(said));
	must(HMAC(EVP_sha256(), key, (int)strlen(key),
		  (const unsigned char *)said, (size_t)len, mac, &mac_len));
	must(mac_len >= TAG_BYTES);
	for (int i = 0; i < TAG_BYTES; i++)
		bits = bits << 8 | mac[i];
	for (int i = 0; i < TAG_LEN; i++)
		tag[i] = digits[bits >> (5 * (TAG_LEN - 1 - i)) & 31];
	tag[TAG_LEN] = '\0';
}

/* Writes "=" before each letter whose case differs from that of the letters
 * before. */
static void id_code(const char *id, char coded[CODED_MAX + 1])
{
	bool capital = false;
	size_t len = 0;

	for (; *id; id++) {
		unsigned char c = (unsigned char)*id;

		if (isalpha(c) && (isupper(c) != 0) != capital) {
			capital = !capital;
			coded[len++] = '=';
		}
		coded[len++] = *id;
	}
	coded[len] = '\0';
}

/* The id of what id_code() wrote, in whatever case that is by now; false if it
 * is longer than an id.  Whether it is one, the tag tells. */
static bool id_decode(const char *coded, size_t len,
		      char id[ENVELOPE_ID_MAX + 1])
{
	bool capital = false;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)coded[i];

		if (c == '=') {
			capital = !capital;
			continue;
		}
		if (n == ENVELOPE_ID_MAX)
			return false;
		id[n++] = (char)(capital ? toupper(c) : tolower(c));
	}
	id[n] = '\0';
	return n > 0;
}

void returnpath_make(const struct mailconf *conf, const char *id,
		     char out[RETURNPATH_MAX])
{
	const char *plain = mailconf_envelope_from(conf);
	size_t local = strcspn(plain, "@");
	char coded[CODED_MAX + 1];
	char tag[TAG_LEN + 1];
	int len;

	must(str_copy(out, RETURNPATH_MAX, plain));
	if (!conf->bounce_to[0] || strlen(id) > ENVELOPE_ID_MAX)
		return;
	id_code(id, coded);
	if (local + 1 + strlen(coded) + 1 + TAG_LEN > LOCAL_MAX)
		return;
	tag_make(conf->bounce_key, id, tag);
	len = snprintf(out, RETURNPATH_MAX, "%.*s%s%s=%s%s", (int)local, plain,
		       conf->bounce_delimiter, coded, tag, plain + local);
	/* The domain is too long, or the id makes it no address ("a..b"). */
	if (len >= RETURNPATH_MAX || !envelope_address_is_plain(out))
		must(str_copy(out, RETURNPATH_MAX, plain));
}

/* Where the coded id begins in a local part of ours, or NULL. */
static const char *behind_our_name(const struct mailconf *conf,
				   const char *address)
{
	size_t local = strcspn(conf->bounce_to, "@");

	if (strncasecmp(address, conf->bounce_to, local) != 0 ||
	    address[local] != conf->bounce_delimiter[0])
		return NULL;
	return address + local + 1;
}

bool returnpath_read(const struct mailconf *conf, const char *address,
		     char id[ENVELOPE_ID_MAX + 1])
{
	const char *coded = conf->bounce_to[0] ? behind_our_name(conf, address)
					       : NULL;
	size_t len = coded ? strcspn(coded, "@") : 0;
	char given[TAG_LEN + 1] = "";
	char tag[TAG_LEN + 1];

	id[0] = '\0';
	if (len < 1 + 1 + TAG_LEN || len > LOCAL_MAX ||
	    coded[len - TAG_LEN - 1] != '=' ||
	    !id_decode(coded, len - TAG_LEN - 1, id))
		return false;
	for (int i = 0; i < TAG_LEN; i++)
		given[i] = (char)tolower((unsigned char)
					 coded[len - TAG_LEN + (size_t)i]);
	tag_make(conf->bounce_key, id, tag);
	if (str_equal_secret(tag, given, TAG_LEN))
		return true;
	id[0] = '\0';
	return false;
}
