/* SPDX-License-Identifier: MIT */
/* One request from its parameters to its answer. */
#ifndef WEB_H
#define WEB_H

#include "base/compiler.h"

struct FCGX_Request;
struct site;

/*
 * Answers the request whose parameters ("NAME=value", NULL at the end) were
 * just read.  The connection stays the caller's.
 */
void web_answer(struct site *site, char *const *params,
		struct FCGX_Request *fcgi);

#endif
