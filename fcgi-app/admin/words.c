/* SPDX-License-Identifier: MIT */
/* What programs noted in English, in the words of the reader's language. */
#include "config.h"

#include "admin/admin.h"

#include "answer/render.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "json/get.h"
#include "json/put.h"

#include <stdlib.h>
#include <string.h>

/* Our sentences in a mail's story.  Anything else there is a server's, or a
 * library's: it is quoted as it is. */
static const struct {
	const char *text;
	const char *key;	/* of "admin.said"; "" = its cause says it */
} ours[] = {
	{ "no relay may be used now", "no_relay" },
	{ "not sent: the queue did not answer in time", "queue_late" },
	{ "too old to be sent", "" },
	{ "held, maybe sent", "" },
	{ "maybe sent, and never confirmed", "" },
	{ "by the operator", "" },
	{ "buried by the operator", "by_operator" },
};

/* The text of "cause: why" for a cause that the catalogue has, and why.  Else
 * "", and the whole. */
static const char *cause_of(const struct call *call, const char *text,
			    const char **why)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz");
	char *word = alloc_textn(text, len);
	const char *cause = "";

	if (len > 0 && str_starts_with(text + len, ": "))
		cause = page_text(call, "admin.cause.%s", word);
	*why = *cause != '\0' ? text + len + strlen(": ") : text;
	free(word);
	return cause;
}

void admin_say(const struct call *call, struct json_object *row,
	       const char *name)
{
	const char *quoted;
	const char *cause = cause_of(call, get_text(row, name), &quoted);
	struct buf said = BUF_INIT;

	buf_addstr(&said, cause);
	for (size_t i = 0; i < ARRAY_COUNT(ours); i++) {
		if (strcmp(quoted, ours[i].text) != 0)
			continue;
		if (*ours[i].key != '\0')
			buf_addf(&said, "%s%s", said.len > 0 ? ", " : "",
				 page_text(call, "admin.said.%s",
					   ours[i].key));
		quoted = "";
		break;
	}
	put_text(row, "said", said.data);
	put_text(row, "quoted", quoted);
	buf_release(&said);
}

/* "264 slots" */
static bool say_amount(const struct call *call, struct json_object *row,
		       const char *detail)
{
	static const char *const things[] = { "bookings", "slots" };
	size_t len = strspn(detail, "0123456789");
	char *digits = alloc_textn(detail, len);
	int64_t n;
	bool found = false;

	if (detail[len] == ' ' && str_to_int(digits, 0, INT64_MAX, &n))
		for (size_t i = 0; i < ARRAY_COUNT(things) && !found; i++) {
			char *key = alloc_printf("admin.amount.%s", things[i]);

			found = strcmp(detail + len + 1, things[i]) == 0;
			if (found)
				put_value(row, "detail",
					  page_count(call, key, n));
			free(key);
		}
	free(digits);
	return found;
}

#define INSTANT_LEN strlen("2027-03-28T14:30:00+02:00")

static bool is_instant(const char *text)
{
	return strlen(text) >= INSTANT_LEN && text[10] == 'T' &&
	       strchr("+-", text[19]) != NULL;
}

static void add_instant(struct buf *out, const char *instant)
{
	buf_addf(out, "%.*s %.*s", (int)strlen("2027-03-28"), instant,
		 (int)strlen("14:30"), instant + strlen("2027-03-28T"));
}

/* Either "2027-03-28T14:30:00+02:00: 3 -> 5", how many places that slot had and
 * has, or two instants with the arrow between them: from when to when something
 * was moved. */
static void say_instant(const struct call *call, struct json_object *row,
			const char *detail)
{
	const char *rest = detail + INSTANT_LEN;
	const char *arrow = strstr(rest, " -> ");
	struct buf text = BUF_INIT;

	add_instant(&text, detail);
	if (arrow == rest && is_instant(arrow + strlen(" -> "))) {
		buf_addstr(&text, " → ");
		add_instant(&text, arrow + strlen(" -> "));
	} else if (str_starts_with(rest, ": ") && arrow) {
		buf_addf(&text, "%s %.*s → %s", page_text(call, "admin.colon"),
			 (int)(arrow - rest - 2), rest + 2,
			 arrow + strlen(" -> "));
	} else {
		buf_addstr(&text, rest);
	}
	put_text(row, "detail", text.data);
	buf_release(&text);
}

void admin_say_detail(const struct call *call, struct json_object *row)
{
	char *detail = alloc_text(get_text(row, "detail"));

	if (!say_amount(call, row, detail) && is_instant(detail))
		say_instant(call, row, detail);
	free(detail);
}
