/* SPDX-License-Identifier: MIT */
/* Reads and compiles one template file. */
#include "config.h"

#include "text/templatefile.h"

#include "base/buf.h"
#include "base/str.h"
#include "text/catalogue.h"
#include "text/mustache.h"

#include <errno.h>
#include <string.h>

#define FILE_MAX_BYTES (256 * 1024)

void templatefile_release(struct templatefile *s)
{
	mustache_free(s->subject);
	mustache_free(s->body);
	*s = (struct templatefile){ 0 };
}

/* Compiles "Subject: ...", an empty line and the text. */
static int text_compile(struct templatefile *s, const char *path,
			const struct buf *file, struct fault *why)
{
	static const char intro[] = "Subject: ";
	size_t intro_len = sizeof(intro) - 1;
	size_t end = strcspn(file->data, "\r\n");
	const char *rest = file->data + end;
	struct mustache_source source = { .name = path, .form = MUSTACHE_TEXT };
	struct buf body = BUF_INIT;

	if (!str_starts_with(file->data, intro) || end == intro_len)
		return fault_set(why, FAULT_REJECT,
				 "%s:1: no \"Subject: ...\" here", path);
	for (int i = 0; i < 2; i++) {
		rest += *rest == '\r';
		if (*rest != '\n')
			return fault_set(why, FAULT_REJECT,
					 "%s:2: no empty line here", path);
		rest++;
	}
	source.text = file->data + intro_len;
	source.len = end - intro_len;
	s->subject = mustache_new(&source, why);
	if (!s->subject)
		return -1;
	/* A comment of the two lines above, so that lines are the file's. */
	buf_addstr(&body, "{{!\n\n}}");
	buf_addstr(&body, rest);
	source.text = body.data;
	source.len = body.len;
	s->body = mustache_new(&source, why);
	buf_release(&body);
	return s->body ? 0 : -1;
}

int templatefile_load(struct templatefile *s, const char *path,
		      enum templatefile_form form, struct fault *why)
{
	struct buf file = BUF_INIT;
	int rc = -1;

	*s = (struct templatefile){ 0 };
	if (buf_add_file(&file, path, FILE_MAX_BYTES) < 0) {
		(void)fault_set_errno(why, FAULT_REJECT, errno, "%s", path);
		goto out;
	}
	if (!str_is_utf8(file.data, file.len)) {
		(void)fault_set(why, FAULT_REJECT, "%s:1: this is not UTF-8",
				path);
		goto out;
	}
	if (form == TEMPLATEFILE_MAIL) {
		rc = text_compile(s, path, &file, why);
	} else {
		const struct mustache_source source = {
			.name = path, .text = file.data, .len = file.len,
			.form = form == TEMPLATEFILE_HTML ? MUSTACHE_HTML
							  : MUSTACHE_TEXT,
		};

		s->body = mustache_new(&source, why);
		rc = s->body ? 0 : -1;
	}
	if (rc < 0)
		templatefile_release(s);
out:
	buf_release(&file);
	return rc;
}

bool templatefile_is_language(const char *name)
{
	return catalogue_is_tag(name) && strcmp(name, TEMPLATEFILE_PAGES) != 0;
}
