/* SPDX-License-Identifier: MIT */
/* What the files of mailtemplate share. */
#ifndef TEXT_MAILTEMPLATE_IMPL_H
#define TEXT_MAILTEMPLATE_IMPL_H

#include "text/mailtemplate.h"

#include "text/templatefile.h"

#define MAILTEMPLATE_NAME_MAX 64	/* bytes of a kind */

enum mailtemplate_origin { ORIGIN_SHIPPED, ORIGIN_EDITED, ORIGIN_COUNT };

/* One kind or partial in one language, as text or as HTML. */
struct mailtemplate_form {
	struct templatefile sources[ORIGIN_COUNT];
	char *broken;		/* why the edited file cannot be used, or NULL */
	bool alerted;		/* its failure was told */
};

struct mailtemplate {
	struct mailtemplates *set;
	char *language;
	char *name;		/* the kind, or '_' and a partial's */
	struct mailtemplate_form text;
	struct mailtemplate_form html;
};

struct mailtemplates {
	struct mailtemplate **items;
	size_t count;
};

/* The template of a name, of the first len bytes of language; or NULL. */
struct mailtemplate *mailtemplate_named(const struct mailtemplates *set,
					const char *language, size_t len,
					const char *name);

/* Can it be sent: has it a text? */
bool mailtemplate_has_text(const struct mailtemplate *t);

/* The key of an alert about one file; the caller frees it. */
char *mailtemplate_key(const struct mailtemplate *t, bool html) MUST_USE;

/* mailtemplate_render() from the files of one origin, as far as there are:
 * without another try, and without an alert. */
int mailtemplate_render_from(const struct mailtemplate *t,
			     enum mailtemplate_part part,
			     enum mailtemplate_origin preferred,
			     struct json_object *data, struct buf *out,
			     struct fault *why) MUST_USE;

#endif
