/* SPDX-License-Identifier: MIT */
/* Multipart bodies: a Content-Type, a form feed, the body. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "formcheck.h"
#include "form/form.h"

#include <string.h>

#define MADE "made--by--us--"

/* A name in quotes has no way to hold one; so unquoted ones are left out. */
static bool can_be_written(const struct form *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (strpbrk(f->fields[i].name, "\"\r\n") != NULL ||
		    strstr(f->fields[i].value, MADE) != NULL)
			return false;
	return true;
}

static void write_parts(const struct form *f, struct buf *out)
{
	for (size_t i = 0; i < f->count; i++)
		buf_addf(out, "--" MADE "\r\nX-A: b\r\n"
			 "content-disposition: form-data; name=\"%s\"\r\n"
			 "\r\n%s\r\n", f->fields[i].name, f->fields[i].value);
	buf_addstr(out, "--" MADE "--\r\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct form f = { .count = 0 };
	char *type = fuzz_next(&in);
	size_t len;
	char *body = fuzz_rest(&in, &len);
	enum form_result result = form_read_multipart(&f, type, body, len);

	(void)form_media(type);
	formcheck_result(&f, result);
	if (result == FORM_READ) {
		formcheck_lookups(&f);
		must(strchr(type, '=') != NULL);
		must(len >= strlen("--b--"));
	}
	if (result == FORM_READ && can_be_written(&f)) {
		struct form second = { .count = 0 };
		struct buf again = BUF_INIT;

		write_parts(&f, &again);
		must(form_read_multipart(&second, "multipart/form-data; a=b; "
					 "Boundary=\"" MADE "\"", again.data,
					 again.len) == FORM_READ);
		formcheck_same(&f, &second);
		form_release(&second);
		buf_release(&again);
	}
	form_release(&f);
	free(type);
	free(body);
	return 0;
}
