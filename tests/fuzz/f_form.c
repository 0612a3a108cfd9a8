/* SPDX-License-Identifier: MIT */
/* Urlencoded bodies and queries: limits hold, and what is read means itself. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "formcheck.h"
#include "form/form.h"

#include <string.h>

/* How many fields there can be at most: pieces that are not empty. */
static size_t pieces(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] != '&' && (i == 0 || text[i - 1] == '&');
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct form f = { .count = 0 };
	struct buf again = BUF_INIT;
	size_t len;
	char *text = fuzz_rest(&in, &len);
	enum form_result result = form_read_urlencoded(&f, text, len);

	formcheck_result(&f, result);
	if (result == FORM_READ) {
		struct form second = { .count = 0 };

		must(f.count == pieces(text, len));
		formcheck_lookups(&f);
		formcheck_encode(&f, &again);
		must(form_read_urlencoded(&second, again.data, again.len) ==
		     FORM_READ);
		formcheck_same(&f, &second);
		form_release(&second);
	} else if (result == FORM_TOO_MANY) {
		must(pieces(text, len) > FORM_FIELDS_MAX);
	}
	must(result != FORM_HAS_FILE);
	form_release(&f);
	buf_release(&again);
	free(text);
	return 0;
}
