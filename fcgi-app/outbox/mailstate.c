/* SPDX-License-Identifier: MIT */
/* Tells a refused address from a full mailbox and from our own faults. */
#include "config.h"

#include "outbox/mailstate.h"

#include "base/str.h"
#include "smtpreply/answer.h"

/* A dead letter whose reply begins with "rejected: ". */
static enum mailstate of_reply(const char *text, const char *recipient)
{
	struct answer a = answer_judge_stored(text, recipient, NULL);

	if (a.mailbox == ANSWER_MAILBOX_FULL)
		return MAILSTATE_MAILBOX_FULL;
	if (a.verdict == ANSWER_RECIPIENT && a.mailbox == ANSWER_MAILBOX_NONE)
		return MAILSTATE_ADDRESS;
	/* Nothing that a visitor could mend. */
	return MAILSTATE_MESSAGE;
}

static const char rejected[] = "rejected: ";

static enum mailstate of_dead(const char *reason, const char *recipient)
{
	static const struct {
		const char *word;
		enum mailstate state;
	} classes[] = {
		{ "expired:", MAILSTATE_EXPIRED },
		{ "uncertain:", MAILSTATE_MAYBE },
		{ "cancelled:", MAILSTATE_ABORTED },
	};

	if (str_starts_with(reason, rejected))
		return of_reply(reason + strlen(rejected), recipient);
	for (size_t i = 0; i < ARRAY_COUNT(classes); i++)
		if (str_starts_with(reason, classes[i].word))
			return classes[i].state;
	return MAILSTATE_FAILED;
}

/* An outage burns no attempt, and has no SMTP reply. */
static enum mailstate of_open(const struct notification *n)
{
	if (answer_code_read(n->reply).code != 0)
		return MAILSTATE_RETRYING;
	if (*n->reply != '\0')
		return MAILSTATE_UNREACHED;
	return n->attempts > 0 ? MAILSTATE_RETRYING : MAILSTATE_WAITING;
}

/* Of a mail that was taken (or may have been: before): only what says more. */
static enum mailstate of_fate(const struct notification *n,
			      enum mailstate before)
{
	switch (n->fate) {
	case QUEUE_FATE_RETURNED:
		return n->fate_sure ? MAILSTATE_RETURNED :
				      MAILSTATE_MAYBE_RETURNED;
	case QUEUE_FATE_DELAYED:
		return MAILSTATE_DELAYED;
	case QUEUE_FATE_DELIVERED:
		/* Nobody shall stop looking because of a forgery. */
		return n->fate_sure ? MAILSTATE_DELIVERED : before;
	case QUEUE_FATE_COMPLAINED:
	case QUEUE_FATE_NONE:
		break;
	}
	return before;
}

enum mailstate mailstate_of(const struct notification *n,
			    const char *recipient)
{
	enum mailstate state;

	switch (n->state) {
	case NOTIFICATION_OPEN:
		return of_open(n);
	case NOTIFICATION_SENT:
		return of_fate(n, MAILSTATE_ACCEPTED);
	case NOTIFICATION_DEAD:
		state = of_dead(n->reply, recipient);
		return state == MAILSTATE_MAYBE ? of_fate(n, state) : state;
	case NOTIFICATION_EXPIRED:
		return MAILSTATE_EXPIRED;
	case NOTIFICATION_ABORTED:
		break;
	}
	return MAILSTATE_ABORTED;
}

void mailstate_hear(struct notification *n, const struct publish_seen *seen)
{
	n->attempts = seen->attempts;
	(void)str_copy(n->reply, sizeof(n->reply), seen->reply);
	if (!seen->sent && !seen->dead)
		return;
	n->state = seen->sent ? NOTIFICATION_SENT : NOTIFICATION_DEAD;
	n->final_at_ms = seen->final_at_ms;
}

/* Is it so by a report, and not by the mail's end? */
static bool is_of_fate(enum mailstate state)
{
	return state >= MAILSTATE_DELAYED && state <= MAILSTATE_RETURNED;
}

int64_t mailstate_since_ms(const struct notification *n, enum mailstate state)
{
	return is_of_fate(state) ? n->fate_at_ms : n->final_at_ms;
}

const char *mailstate_word(enum mailstate state)
{
	static const char *const words[] = {
		[MAILSTATE_WAITING] = "waiting",
		[MAILSTATE_RETRYING] = "retrying",
		[MAILSTATE_UNREACHED] = "unreached",
		[MAILSTATE_ACCEPTED] = "accepted",
		[MAILSTATE_DELAYED] = "delayed",
		[MAILSTATE_DELIVERED] = "delivered",
		[MAILSTATE_MAYBE_RETURNED] = "maybe_returned",
		[MAILSTATE_RETURNED] = "returned",
		[MAILSTATE_ADDRESS] = "bad_address",
		[MAILSTATE_MAILBOX_FULL] = "mailbox_full",
		[MAILSTATE_MESSAGE] = "refused",
		[MAILSTATE_MAYBE] = "maybe",
		[MAILSTATE_FAILED] = "failed",
		[MAILSTATE_EXPIRED] = "expired",
		[MAILSTATE_ABORTED] = "aborted",
	};

	return words[state];
}

const char *mailstate_reply(const struct notification *n)
{
	const char *reply;

	/* Nobody shall write on a visitor's page by forging a report. */
	if (is_of_fate(mailstate_of(n, "")))
		return n->fate_sure ? n->fate_text : "";
	switch (n->state) {
	case NOTIFICATION_OPEN:
		return of_open(n) == MAILSTATE_RETRYING ? n->reply : "";
	case NOTIFICATION_SENT:
		return n->reply;
	case NOTIFICATION_DEAD:
		if (!str_starts_with(n->reply, rejected))
			return "";
		(void)answer_judge_stored(n->reply + strlen(rejected), NULL,
					  &reply);
		return reply;
	default:
		return "";
	}
}

bool mailstate_is_bad(enum mailstate state)
{
	return state >= MAILSTATE_RETURNED;
}

bool mailstate_is_good(enum mailstate state)
{
	return state == MAILSTATE_ACCEPTED || state == MAILSTATE_DELIVERED;
}

bool mailstate_lost(const struct notification *n)
{
	return n->state == NOTIFICATION_DEAD ||
	       n->state == NOTIFICATION_EXPIRED ||
	       (n->fate == QUEUE_FATE_RETURNED && n->fate_sure);
}

const struct notification *mailstate_latest(const struct notification *list,
					    size_t count, int64_t now_ms)
{
	const struct notification *taken_back = NULL;

	for (size_t i = count; i-- > 0;) {
		const struct notification *n = &list[i];

		if (!str_starts_with(n->kind, "booking.") ||
		    (n->state == NOTIFICATION_OPEN &&
		     n->begins_at_ms > now_ms))
			continue;
		if (n->state != NOTIFICATION_ABORTED)
			return n;
		if (!taken_back)
			taken_back = n;
	}
	return taken_back;
}

int64_t mailstate_again_ms(const struct notification *last, int64_t pause_ms,
			   int64_t now_ms)
{
	int64_t again_ms = last ? last->begins_at_ms + pause_ms : 0;

	if (again_ms <= now_ms)
		return 0;
	/* A clock that was set back makes nobody wait for longer. */
	return again_ms < now_ms + pause_ms ? again_ms : now_ms + pause_ms;
}
