/* SPDX-License-Identifier: MIT */
/* The job envelope: the public contract between producers and maild. */
#ifndef QUEUE_ENVELOPE_H
#define QUEUE_ENVELOPE_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct json_object;

#define ENVELOPE_ID_MAX 64
#define ENVELOPE_KIND_MAX 64
#define ENVELOPE_BYTES_MAX 65536

/*
 * {"v":1,"id":"...","kind":"booking.confirmed",
 *  "to":{"name":"...","email":"..."},"locale":"fr","na":<ms>,"nb":<ms>,
 *  "data":{...}}
 */
struct envelope {
	char id[ENVELOPE_ID_MAX + 1];	  /* 1-64 of A-Za-z0-9_.- */
	char kind[ENVELOPE_KIND_MAX + 1]; /* 1-64 of a-z0-9_.-, no ".." */
	char *to_name;			  /* "" if absent; no controls */
	char *to_email;			  /* fit for SMTP: RFC 5321 atoms */
	char locale[17];		  /* "fr", "fr-CH" */
	int64_t not_after_ms;		  /* Unix ms, 0 = no limit of its own */
	int64_t not_before_ms;		  /* Unix ms, 0 = at once */
	struct json_object *data;	  /* an object, never NULL; owned */
};

/*
 * Reads one envelope.  Unknown members are ignored; another version, a missing
 * or wrong member is FAULT_REJECT with a sentence that names it.
 * Returns 0 (envelope_release() frees), or -1 with *why and *e empty.
 */
int envelope_parse(const char *text, size_t len, struct envelope *e,
		   struct fault *why) MUST_USE;

/*
 * Begins the text of an envelope in an empty buffer: all of it but data, which
 * is not looked at.  The caller writes a member "data", an object, and ends
 * the whole (json/write.h).
 */
void envelope_begin(const struct envelope *e, struct buf *out);

/* Returns the JSON text; the caller frees it. */
char *envelope_format(const struct envelope *e) MUST_USE;

void envelope_release(struct envelope *e);

/*
 * Can this address be put on an SMTP line as it is?  Printable ASCII, one '@',
 * no blank, control, quote, comma, bracket or colon, local part at most
 * 64, whole at most 254 bytes (RFC 5321 section 4.5.3.1).
 */
bool envelope_address_is_plain(const char *address);

/*
 * Is kind one of list, blank-separated names?  "name.*" there means all kinds
 * that begin with "name.".  Pure.
 */
bool queue_kind_is_in(const char *list, const char *kind);

/* Is every word of such a list a kind, or one with ".*" behind it? */
bool queue_kinds_are_names(const char *list);

#endif
