/* SPDX-License-Identifier: MIT */
/*
 * Mail templates: <dir>/<language>/<kind>.txt and .html, compiled once.
 *
 * The sysadmin's directory shadows the shipped one file by file, and may add
 * kinds and languages.  An edited file that cannot be used never stops a mail:
 * the shipped one is taken and an alert raised, once for all workers.  The .txt
 * begins with "Subject: ..." and an empty line; the .html is optional.  Files
 * whose names begin with '_' are partials: {{>footer}} is _footer.txt or
 * _footer.html.
 */
#ifndef TEXT_MAILTEMPLATE_H
#define TEXT_MAILTEMPLATE_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/fault.h"
#include "text/reporter.h"

#include <stdbool.h>

struct json_object;
struct mailsample;
struct mailtemplates;	/* all of them */
struct mailtemplate;	/* one kind in one language; borrowed from its set */

/*
 * Loads both directories; edited may be NULL, "" or not there.
 * Returns the set (mailtemplates_free()), or NULL with FAULT_CONFIG
 * "file:line: what is wrong" if a shipped file is.
 */
struct mailtemplates *mailtemplates_new(const char *shipped,
					const char *edited, struct fault *why)
	MUST_USE;
void mailtemplates_free(struct mailtemplates *set);

/* Raises an alert for each edited file that could not be loaded. */
void mailtemplates_alert(const struct mailtemplates *set);

/*
 * The template of kind in the locale ("fr-CH"), its language ("fr") or else the
 * fallback.  NULL if there is none.
 */
struct mailtemplate *mailtemplates_find(struct mailtemplates *set,
					const char *kind, const char *locale,
					const char *fallback);

/* Is there a mail in exactly this language? */
bool mailtemplates_have_language(const struct mailtemplates *set,
				 const char *language);

const char *mailtemplate_language(const struct mailtemplate *t);

enum mailtemplate_part { MAILTEMPLATE_SUBJECT, MAILTEMPLATE_TEXT,
			 MAILTEMPLATE_HTML };

/* What is rendered of a template, and with what. */
struct mailtemplate_fill {
	enum mailtemplate_part part;
	struct json_object *data;	/* borrowed */
};

/*
 * Appends one part.  Returns 1, 0 if the template has no HTML, or -1 with
 * FAULT_REJECT (out is then as before).
 */
int mailtemplate_render(struct mailtemplate *t,
			const struct mailtemplate_fill *fill, struct buf *out,
			struct fault *why) MUST_USE;

/*
 * Reports every edited file that cannot be used, and every template that
 * cannot be rendered with the sample data of its kind (NULL = only the first),
 * as "file:line: what is wrong".
 */
void mailtemplates_check(struct mailtemplates *set,
			 const struct mailsample *samples, struct reporter *r);

/* ---- what there is, for a list and a preview ---------------------------- */

/* The i-th kind or partial of a language, in no order; NULL past the end. */
const struct mailtemplate *mailtemplates_at(const struct mailtemplates *set,
					    size_t i);

struct mailtemplate_file {
	bool shipped;
	bool edited;		/* the sysadmin's is used */
	const char *broken;	/* why the sysadmin's is not; NULL = it is */
};

/* All borrowed from the set. */
struct mailtemplate_about {
	const char *language;
	const char *name;	/* of a kind; '_' and a partial's */
	struct mailtemplate_file text;
	struct mailtemplate_file html;
	bool is_partial;
	bool is_whole;		/* has a text, so that it can be sent */
};

struct mailtemplate_about mailtemplate_about(const struct mailtemplate *t);

/* mailtemplates_check() of one; sample is borrowed. */
void mailtemplate_check(const struct mailtemplate *t,
			struct json_object *sample, struct reporter *r);

/* mailtemplate_render(), but nobody is alerted. */
int mailtemplate_preview(const struct mailtemplate *t,
			 const struct mailtemplate_fill *fill, struct buf *out,
			 struct fault *why) MUST_USE;

#endif
