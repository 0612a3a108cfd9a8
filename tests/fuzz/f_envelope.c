/* SPDX-License-Identifier: MIT */
/* Envelopes: what is read is written and read again the same. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "queue/envelope.h"

#include <json-c/json.h>

#include <string.h>

static void check_read(const struct envelope *e)
{
	must(strlen(e->id) >= 1 && strlen(e->id) <= ENVELOPE_ID_MAX);
	must(strpbrk(e->id, " |\r\n/") == NULL);
	/* It names a file. */
	must(*e->kind != '\0' && *e->kind != '.' && !strchr(e->kind, '/') &&
	     !strstr(e->kind, ".."));
	must(envelope_address_is_plain(e->to_email));
	must(fuzz_is_utf8(e->to_name));
	must(strpbrk(e->to_name, "\r\n\x7f") == NULL);
	must(json_object_is_type(e->data, json_type_object));
	must(e->not_after_ms >= 0 && e->not_before_ms >= 0);
	must(e->not_after_ms == 0 || e->not_after_ms >= e->not_before_ms);
}

static void check_again(const struct envelope *e)
{
	char *text = envelope_format(e);
	struct envelope again;
	struct fault why;

	/* Escapes may make it longer than what came. */
	if (strlen(text) <= ENVELOPE_BYTES_MAX) {
		must(envelope_parse(text, strlen(text), &again, &why) == 0);
		must(strcmp(e->id, again.id) == 0);
		must(strcmp(e->kind, again.kind) == 0);
		must(strcmp(e->to_email, again.to_email) == 0);
		must(strcmp(e->to_name, again.to_name) == 0);
		must(strcmp(e->locale, again.locale) == 0);
		must(e->not_after_ms == again.not_after_ms);
		must(e->not_before_ms == again.not_before_ms);
		must(json_object_equal(e->data, again.data));
		envelope_release(&again);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct envelope e;
	struct fault why = { .class = FAULT_NONE };
	size_t len;
	char *text = fuzz_rest(&in, &len);

	if (envelope_parse(text, len, &e, &why) == 0) {
		check_read(&e);
		check_again(&e);
		envelope_release(&e);
	} else {
		must(why.class == FAULT_REJECT && why.text[0] != '\0');
		must(strpbrk(why.text, "\r\n") == NULL);
		must(e.data == NULL && e.to_email == NULL);
	}
	free(text);
	return 0;
}
