/* SPDX-License-Identifier: MIT */
/*
 * What mails are tried with: <dir>/sample.json, an object by kind.
 *
 * <dir>/<language>/sample.json says what is different in that language, and
 * the sysadmin's files what is different there, member by member.
 */
#ifndef TEXT_MAILSAMPLE_H
#define TEXT_MAILSAMPLE_H

#include "base/compiler.h"
#include "text/reporter.h"

struct json_object;
struct mailsample;

/*
 * Reads the files of both directories; edited may be NULL, "" or not there.
 * Each that cannot be read is reported as "file:line: what is wrong" and left
 * out.  The caller frees the samples (mailsample_free()).
 */
struct mailsample *mailsample_new(const char *shipped, const char *edited,
				  struct reporter *r)
	MUST_USE RETURNS_NONNULL;
void mailsample_free(struct mailsample *samples);

/* The data of a kind in a language, or NULL if there are none.  The caller's:
 * json_object_put(). */
struct json_object *mailsample_of(const struct mailsample *samples,
				  const char *language, const char *kind)
	MUST_USE;

#endif
