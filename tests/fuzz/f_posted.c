/* SPDX-License-Identifier: MIT */
/* Forms in any encoding: whatever is read is UTF-8, and then stays the same. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "formcheck.h"
#include "form/form.h"

#include <string.h>

#define MEDIA "application/x-www-form-urlencoded; charset="

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct form f = { .count = 0 };
	struct form second = { .count = 0 };
	struct buf media = BUF_INIT;
	struct buf again = BUF_INIT;
	char *label = fuzz_next(&in);
	size_t len;
	char *text = fuzz_rest(&in, &len);

	buf_addf(&media, MEDIA "%s", label);

	enum form_result result = form_read_posted(&f, media.data, text, len);

	formcheck_result(&f, result);
	must(result == FORM_READ || !f.guessed);
	if (result == FORM_READ) {
		formcheck_lookups(&f);
		for (size_t i = 0; i < f.count; i++)
			must(strcmp(f.fields[i].name, "_charset_") != 0);
		formcheck_encode(&f, &again);
		must(form_read_posted(&second, MEDIA "utf-8", again.data,
				      again.len) == FORM_READ);
		must(!second.guessed);
		formcheck_same(&f, &second);
	}
	form_release(&f);
	form_release(&second);
	buf_release(&media);
	buf_release(&again);
	free(label);
	free(text);
	return 0;
}
