/* SPDX-License-Identifier: MIT */
/* Tells a refused address from a full mailbox and from our own faults. */
#include "config.h"

#include "mailstate.h"

#include "str.h"

#include <ctype.h>

/* An SMTP reply: its code, and the enhanced one or zeros. */
struct smtp_reply {
	int code;
	int class;
	int subject;
	int detail;
};

static bool number_read(const char **at, int64_t max, int *out)
{
	char text[5];
	size_t len = strspn(*at, "0123456789");
	int64_t value;

	if (len == 0 || len >= sizeof(text))
		return false;
	memcpy(text, *at, len);
	text[len] = '\0';
	if (!str_to_int(text, 0, max, &value))
		return false;
	*out = (int)value;
	*at += len;
	return true;
}

/* Finds the first "550" or "550 5.1.1" that begins a word. */
static struct smtp_reply reply_read(const char *text)
{
	struct smtp_reply r = { 0 };

	while (*text && !(isdigit((unsigned char)text[0]) &&
			  strspn(text, "0123456789") == 3)) {
		text += strcspn(text, " ");
		text += strspn(text, " ");
	}
	if (!number_read(&text, 599, &r.code))
		return r;
	text += strspn(text, " -");

	struct smtp_reply e = r;

	if (number_read(&text, 5, &e.class) && *text++ == '.' &&
	    number_read(&text, 999, &e.subject) && *text++ == '.' &&
	    number_read(&text, 999, &e.detail))
		return e;
	return r;
}

/* A dead letter whose reply begins with "rejected: ". */
static enum mailstate of_reply(const char *text)
{
	struct smtp_reply r = reply_read(text);

	if (r.class == 5 && r.subject == 2 && r.detail == 2)
		return MAILSTATE_MAILBOX_FULL;
	/* 5.1.x: the address; 5.2.x: its mailbox; but 5.1.7 and 5.1.8 speak of
	 * the sender's. */
	if (r.class == 5 && (r.subject == 1 || r.subject == 2))
		return r.subject == 1 && (r.detail == 7 || r.detail == 8) ?
			MAILSTATE_MESSAGE : MAILSTATE_ADDRESS;
	if (r.class == 5)
		return MAILSTATE_MESSAGE;
	switch (r.code) {
	case 550:
	case 551:
	case 553:
		return MAILSTATE_ADDRESS;
	case 552:
		return MAILSTATE_MAILBOX_FULL;
	default:
		return MAILSTATE_MESSAGE;
	}
}

static const char rejected[] = "rejected: ";

static enum mailstate of_dead(const char *reason)
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
		return of_reply(reason + strlen(rejected));
	for (size_t i = 0; i < ARRAY_COUNT(classes); i++)
		if (str_starts_with(reason, classes[i].word))
			return classes[i].state;
	return MAILSTATE_FAILED;
}

/* An outage burns no attempt, and has no SMTP reply. */
static enum mailstate of_open(const struct notification *n)
{
	if (reply_read(n->reply).code >= 200)
		return MAILSTATE_RETRYING;
	if (*n->reply != '\0')
		return MAILSTATE_UNREACHED;
	return n->attempts > 0 ? MAILSTATE_RETRYING : MAILSTATE_WAITING;
}

enum mailstate mailstate_of(const struct notification *n)
{
	switch (n->state) {
	case NOTIFICATION_OPEN:
		return of_open(n);
	case NOTIFICATION_SENT:
		return MAILSTATE_ACCEPTED;
	case NOTIFICATION_DEAD:
		return of_dead(n->reply);
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

const char *mailstate_word(enum mailstate state)
{
	static const char *const words[] = {
		[MAILSTATE_WAITING] = "waiting",
		[MAILSTATE_RETRYING] = "retrying",
		[MAILSTATE_UNREACHED] = "unreached",
		[MAILSTATE_ACCEPTED] = "accepted",
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
	switch (n->state) {
	case NOTIFICATION_OPEN:
		return of_open(n) == MAILSTATE_RETRYING ? n->reply : "";
	case NOTIFICATION_SENT:
		return n->reply;
	case NOTIFICATION_DEAD:
		return str_starts_with(n->reply, rejected) ?
			n->reply + strlen(rejected) : "";
	default:
		return "";
	}
}

bool mailstate_is_bad(enum mailstate state)
{
	return state > MAILSTATE_ACCEPTED;
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
