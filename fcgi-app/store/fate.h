/* SPDX-License-Identifier: MIT */
/* What was heard of mails after a mail server had taken them. */
#ifndef STORE_FATE_H
#define STORE_FATE_H

#include "domain/model.h"
#include "store/store.h"

struct mail_report {
	const char *envelope_id;
	enum queue_fate fate;	/* not NONE */
	bool sure;
	int64_t at_ms;
	const char *text;	/* printable, without addresses, "" = none */
	bool is_news;		/* written: the row says this now, and did not
				   before */
};

/*
 * Writes in one transaction what was heard, where it weighs more than what the
 * row says (queue_fate_weight()), whatever state the row is in.  Of a person
 * that was erased no words are kept.  A mail that nobody knows is no fault, and
 * reports that come again change nothing.  0, or -1.
 */
int store_reports(struct store *s, struct mail_report *list, size_t count,
		  struct fault *why) MUST_USE;

/*
 * When a mail of another booking by the same address surely came back last,
 * after since_ms; but not one to an address that was corrected since.  Unix ms,
 * 0 = none did, -1.
 */
int64_t store_returned_before(struct store *s, const struct booking_view *v,
			      int64_t since_ms, struct fault *why) MUST_USE;

/* A fate's column as what this version knows of it. */
enum queue_fate store_fate_of(int64_t column);

/* Reads the columns fate, fate_sure, fate_at and fate_text ("iidt"), from
 * column at. */
struct dbconn;
void store_fate_read(const struct dbconn *db, size_t at,
		     struct notification *out);

#endif
