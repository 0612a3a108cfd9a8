/* SPDX-License-Identifier: MIT */
/*
 * The pieces of a mail: headers that nothing can break out of, and bodies as
 * 7-bit text with CRLF.  Of all files that write mails only this one knows
 * GMime, whose encoders it uses; a mail's parts are few and fixed, so no object
 * tree is built for it (95 us per mail when tried, against 25).
 */
#ifndef COMPOSE_MIME_H
#define COMPOSE_MIME_H

#include "base/buf.h"
#include "base/compiler.h"

#include <stddef.h>
#include <stdint.h>

/* To be called before the others, after fork; may be called again.  It has no
 * counterpart: GMime's shutdown loses the memory of its tables (3.2.13). */
void mime_init(void);

/*
 * Append "name: text" with its CRLF, encoded after RFC 2047 and folded.
 * Controls and bytes that are not UTF-8 become blanks; at most the first 384
 * bytes are taken.  Text that looks like an encoded word comes out as typed.
 */
void mime_header_text(struct buf *out, const char *name, const char *text);

/*
 * The same for 'name: "person" <address>'; address must be plain
 * (envelope_address_is_plain()).
 */
void mime_header_mailbox(struct buf *out, const char *name,
			 const char *person, const char *address);

/* "Date: ..." of a Unix time in milliseconds, written in UTC. */
void mime_header_date(struct buf *out, int64_t at_ms);

/*
 * Append a body, encoded, ending in CRLF; line ends in text may be LF or CRLF,
 * and mime_body_quoted() drops blanks at the end of a line (except in "-- ").
 * Neither encoding can hold "=_", so a boundary that begins with it is safe.
 */
void mime_body_quoted(struct buf *out, const char *text, size_t len);
void mime_body_base64(struct buf *out, const char *bytes, size_t len);

#endif
