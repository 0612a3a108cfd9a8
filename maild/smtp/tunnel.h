/* SPDX-License-Identifier: MIT */
/*
 * A tunnel: libesmtp speaks plain SMTP into one end of a socket pair, and a
 * thread carries it through a connection that we have secured.
 *
 * The thread is the only one of this program.  It touches its tunnel, its two
 * descriptors and its SSL, and nothing else: no log, no allocation of ours, no
 * signal.  It dies with its process, so that a killed worker says nothing more.
 */
#ifndef SMTP_TUNNEL_H
#define SMTP_TUNNEL_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/fault.h"
#include "smtp/wire.h"

struct tunnel;

/*
 * Starts the thread.  The connection belongs to it from now on, and *wire is no
 * longer one; heard is what the library is to read first.  Its first line is
 * dropped: the EHLO that heard answers.
 *
 * Returns the tunnel, with *end the library's end, non-blocking, which the
 * caller closes; or NULL with *why, and *wire is as it was.
 */
struct tunnel *tunnel_new(struct wire *wire, const struct buf *heard, int *end,
			  struct fault *why) MUST_USE;

/* The other end must be closed, or shut down: then the thread ends at once,
 * whatever the server does.  Waits for that, and closes the connection. */
void tunnel_free(struct tunnel *t);

#endif
