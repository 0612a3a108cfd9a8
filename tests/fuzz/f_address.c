/* SPDX-License-Identifier: MIT */
/* Addresses: what visitors may give, maild and mail servers take. */
#include "config.h"

#include "fuzz.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "compose/mime.h"
#include "domain/address.h"
#include "queue/envelope.h"

#include <json-c/json.h>

#include <ctype.h>
#include <string.h>

/* An envelope to this address is read, and says the same. */
static void maild_takes_it(const char *address)
{
	char *text = alloc_printf("{\"v\":1,\"id\":\"a\",\"kind\":\"b\",\"to\":"
				  "{\"email\":\"%s\"}}", address);
	struct envelope e;
	struct fault why;

	must(envelope_parse(text, strlen(text), &e, &why) == 0);
	must(strcmp(e.to_email, address) == 0);
	envelope_release(&e);
	free(text);
}

static void its_header_is_whole(const char *address)
{
	struct buf out = BUF_INIT;

	mime_header_mailbox(&out, "To", "Zo\xc3\xa9", address);
	must(fuzz_has_whole_lines(out.data, out.len, 998));
	must(strstr(out.data, address) != NULL);
	buf_release(&out);
}

static void check_good(const char *address)
{
	char again[ADDRESS_MAX + 1];
	const char *at = strchr(address, '@');

	must(strlen(address) <= ADDRESS_MAX);
	must(at != NULL && at - address >= 1 && at - address <= 64);
	must(strchr(at + 1, '@') == NULL && strchr(at, '.') != NULL);
	must(address[0] != '.' && at[-1] != '.' && !strstr(address, ".."));
	for (const char *p = at; *p != '\0'; p++)
		must(!isupper((unsigned char)*p) && (unsigned char)*p < 0x80);
	must(envelope_address_is_plain(address));
	must(address_normalise(address, again) == ADDRESS_GOOD);
	must(strcmp(address, again) == 0);
	maild_takes_it(address);
	its_header_is_whole(address);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	char *text = fuzz_next(&in);
	char out[ADDRESS_MAX + 1];

	mime_init();
	/* A form's fields are UTF-8. */
	if (fuzz_is_utf8(text)) {
		enum address_result result = address_normalise(text, out);

		must((result == ADDRESS_GOOD) == (out[0] != '\0'));
		/* Empty is also what only held what is copied along. */
		must(text[0] != '\0' || result == ADDRESS_EMPTY);
		if (result == ADDRESS_GOOD)
			check_good(out);
	}
	free(text);
	return 0;
}
