/* SPDX-License-Identifier: MIT */
/* The rule for visitors' e-mail addresses. */
#include "config.h"

#include "domain/address.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/utext.h"
#include "queue/envelope.h"

#include <ctype.h>
#include <idn2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

#define LOCAL_MAX 64
#define DOMAIN_MAX 253
#define LABEL_MAX 63

/* The characters before the @ in HTML's grammar of an e-mail address, but for
 * "!" and "%": there are servers that send what has one on to another host. */
static bool local_is_good(const char *local, size_t len)
{
	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)local[i];

		if (c == '\0' || (!isalnum(c) &&
				  strchr(".#$&'*+/=?^_`{|}~-", c) == NULL))
			return false;
	}
	return true;
}

/* HTML lets dots stand anywhere before the @; mail servers do not. */
static bool dots_are_good(const char *local, size_t len)
{
	return local[0] != '.' && local[len - 1] != '.' &&
	       memmem(local, len, "..", 2) == NULL;
}

/* No top-level domain is a number: "name@192.0.2.1" is a host's address. */
static bool has_numeric_end(const char *domain)
{
	const char *last = strrchr(domain, '.');

	return last != NULL && last[1 + strspn(last + 1, "0123456789")] == '\0';
}

/* Labels of letters, digits and inner hyphens, joined by single dots. */
static bool domain_is_good(const char *domain)
{
	const char *label = domain;

	for (;;) {
		size_t len = strcspn(label, ".");

		if (len == 0 || len > LABEL_MAX || label[0] == '-' ||
		    label[len - 1] == '-')
			return false;
		for (size_t i = 0; i < len; i++) {
			unsigned char c = (unsigned char)label[i];

			if (!isalnum(c) && c != '-')
				return false;
		}
		if (label[len] == '\0')
			return true;
		label += len + 1;
	}
}

/* The domain in lower-case A-labels; false if it cannot be one. */
static bool domain_to_ascii(const char *domain, char *out, size_t size,
			    enum address_result *result)
{
	char *ascii = NULL;
	const char *kept = domain;

	*result = ADDRESS_BROKEN;
	if (!str_is_ascii(domain, strlen(domain))) {
		int rc = idn2_to_ascii_8z(domain, &ascii,
					  IDN2_NFC_INPUT |
					  IDN2_NONTRANSITIONAL);

		if (rc == IDN2_TOO_BIG_DOMAIN || rc == IDN2_TOO_BIG_LABEL)
			*result = ADDRESS_LONG;
		if (rc != IDN2_OK)
			return false;
		kept = ascii;
	}
	bool fits = str_copy(out, size, kept);

	if (!fits)
		*result = ADDRESS_LONG;
	idn2_free(ascii);
	return fits;
}

/* Without what people copy along: "Zoe Martin <...>", "mailto:", blanks and
 * characters that cannot be seen; in place. */
static char *bare(char *text)
{
	char *open;

	text = utext_trim_hidden(text);
	open = strrchr(text, '<');
	if (open && text[strlen(text) - 1] == '>') {
		text[strlen(text) - 1] = '\0';
		text = open + 1;
	}
	if (strncasecmp(text, "mailto:", strlen("mailto:")) == 0)
		text += strlen("mailto:");
	return utext_trim_hidden(text);
}

static enum address_result normalise(const char *text,
				     char out[ADDRESS_MAX + 1])
{
	char domain[DOMAIN_MAX + 1];
	enum address_result result;
	const char *at = strrchr(text, '@');

	out[0] = '\0';
	if (*text == '\0')
		return ADDRESS_EMPTY;
	if (at == NULL)
		return ADDRESS_BROKEN;
	size_t local_len = (size_t)(at - text);

	if (!str_is_ascii(text, local_len))
		return ADDRESS_NON_ASCII;
	if (!local_is_good(text, local_len))
		return ADDRESS_BROKEN;
	if (!dots_are_good(text, local_len))
		return ADDRESS_DOTS;
	if (!domain_to_ascii(at + 1, domain, sizeof(domain), &result))
		return result;
	for (char *p = domain; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	if (!domain_is_good(domain))
		return ADDRESS_BROKEN;
	if (strchr(domain, '.') == NULL)
		return ADDRESS_NO_DOT;
	if (has_numeric_end(domain))
		return ADDRESS_NUMERIC;
	if (local_len > LOCAL_MAX ||
	    local_len + 1 + strlen(domain) > ADDRESS_MAX)
		return ADDRESS_LONG;

	/* It fits: the lengths were just checked. */
	memcpy(out, text, local_len + 1);
	(void)str_copy(out + local_len + 1, ADDRESS_MAX - local_len, domain);
	if (!envelope_address_is_plain(out)) {
		out[0] = '\0';
		return ADDRESS_BROKEN;
	}
	return ADDRESS_GOOD;
}

enum address_result address_normalise(const char *text,
				      char out[ADDRESS_MAX + 1])
{
	char *copy = alloc_text(text);
	enum address_result result = normalise(bare(copy), out);

	free(copy);
	return result;
}

const char *address_code(enum address_result result)
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

	return codes[result];
}
