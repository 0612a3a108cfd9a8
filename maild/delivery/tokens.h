/* SPDX-License-Identifier: MIT */
/* How a worker's sessions get at the access tokens that the master keeps. */
#ifndef DELIVERY_TOKENS_H
#define DELIVERY_TOKENS_H

#include "delivery/job.h"
#include "smtp/sender.h"

/* For the sender's options; the worker is borrowed and knows its relays. */
struct sender_tokens tokens_of(struct worker *w);

#endif
