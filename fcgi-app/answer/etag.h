/* SPDX-License-Identifier: MIT */
/* Not sending an answer again that a client has. */
#ifndef ANSWER_ETAG_H
#define ANSWER_ETAG_H

#include "base/compiler.h"

#include <stdbool.h>

struct call;

/*
 * Tags the answer, which is complete, by its body; turns it into 304 without a
 * body if the client has it already.  Clients may keep it but must ask; what is
 * secret no cache of many people's may keep.
 */
void etag_answer(struct call *call, bool secret);

/*
 * Does a list of tags (an If-None-Match header, "" = none) hold that tag,
 * quoted as it is sent?  "W/" is what a proxy puts before it when it
 * compresses, and "*" is any.  Pure.
 */
bool etag_is_listed(const char *list, const char *tag);

#endif
