/* SPDX-License-Identifier: MIT */
/* One job's record, in words and as JSON. */
#ifndef MAILDCTL_RECORD_H
#define MAILDCTL_RECORD_H

#include "base/compiler.h"
#include "maildctl/maildctl.h"
#include "queue/operate.h"

/* "queued", "sending" ... for a state. */
const char *ctl_state_name(char state) RETURNS_NONNULL;

/*
 * Reads "dead,retry" into letters ("XR").  0, or EX_USAGE with *why listing
 * the words there are.
 */
int ctl_states_read(const char *text, char letters[16], struct fault *why)
	MUST_USE;

#define CTL_ADDRESS_SIZE 320	/* the envelope allows 254 bytes */

/* The address in a record's envelope, "" once it is gone. */
void ctl_record_address(const struct queue_record *record, char *out,
			size_t size);

/* Its members as documented in maildctl(1), with the recipient if asked.
 * The caller frees it. */
struct json_object *ctl_record_json(const struct queue_record *record,
				    bool addresses) MUST_USE;

/* When the state began, or will end for a retry; 0 = unknown. */
int64_t ctl_record_at_ms(const struct queue_record *record);

/*
 * Jobs that were named, or chosen by --all, --kind, --reason, --since among
 * those in the given states; oldest first.
 */
struct ctl_choice {
	char (*ids)[ENVELOPE_ID_MAX + 1];
	size_t count, room;
	bool named;
};
int ctl_choose(struct ctl *ctl, const char *states, struct ctl_choice *out,
	       struct fault *why) MUST_USE;	/* 0, or a status */
void ctl_choice_release(struct ctl_choice *choice);

#endif
