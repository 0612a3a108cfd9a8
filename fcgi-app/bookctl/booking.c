/* SPDX-License-Identifier: MIT */
/* bookctl trace, resend, cancel, email, retry, abort and erase: what concerns
 * one booking. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/change.h"
#include "actions/story.h"
#include "base/alloc.h"
#include "domain/address.h"
#include "domain/model.h"
#include "domain/token.h"
#include "json/put.h"
#include "store/people.h"
#include "store/view.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define QUEUE_LIMIT_MS 2000
#define ERASED_MAX 10000	/* bookings of one address */

static int no_such(const char *typed, struct fault *why)
{
	(void)fault_set(why, FAULT_REJECT, "there is no booking %s", typed);
	return EX_DATAERR;
}

/* ---- trace --------------------------------------------------------------- */

static const char *text_of(struct json_object *from, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(from, name, &value) || value == NULL)
		return "";
	return json_object_get_string(value);
}

/* "name: value", without what is empty. */
static void print_facts(struct json_object *from, const char *indent,
			const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (*text_of(from, names[i]) != '\0')
			printf("%s%s: %s\n", indent, names[i],
			       text_of(from, names[i]));
}

static void print_job(struct json_object *job)
{
	static const char *const facts[] = {
		"state", "admitted_at", "next_at", "owner", "relay", "reason",
	};
	struct json_object *lines = NULL;

	puts("  in the queue:");
	print_facts(job, "    ", facts, ARRAY_COUNT(facts));
	if (!json_object_object_get_ex(job, "story", &lines))
		return;
	for (size_t i = 0; i < json_object_array_length(lines); i++) {
		struct json_object *l = json_object_array_get_idx(lines, i);

		printf("    %s %s by %s%s%s%s%s%s%s x%s %s\n",
		       text_of(l, "at"), text_of(l, "verdict"),
		       text_of(l, "who"), *text_of(l, "relay") ? " to " : "",
		       text_of(l, "relay"), *text_of(l, "stage") ? " at " : "",
		       text_of(l, "stage"), *text_of(l, "code") ? " code " : "",
		       text_of(l, "code"), text_of(l, "times"),
		       text_of(l, "text"));
	}
}

static void print_mail(struct json_object *mail)
{
	static const char *const facts[] = {
		"kind", "state", "attempts", "created_at", "begins_at",
		"final_at", "reply",
	};
	struct json_object *job = NULL;

	printf("mail %s\n", text_of(mail, "id"));
	print_facts(mail, "  ", facts, ARRAY_COUNT(facts));
	if (json_object_object_get_ex(mail, "job", &job) && job != NULL)
		print_job(job);
}

static void print_story(struct json_object *s)
{
	static const char *const facts[] = {
		"request_id", "created_at", "changed_at", "cancelled_by",
		"cancel_reason", "service", "starts_at", "ends_at",
		"time_zone", "seats", "name", "email", "language", "notes",
	};
	struct json_object *list = NULL;

	printf("booking %s\n", text_of(s, "reference"));
	print_facts(s, "  ", facts, ARRAY_COUNT(facts));
	if (json_object_object_get_ex(s, "messages", &list))
		for (size_t i = 0; i < json_object_array_length(list); i++)
			print_mail(json_object_array_get_idx(list, i));
	if (json_object_object_get_ex(s, "history", &list))
		for (size_t i = 0; i < json_object_array_length(list); i++) {
			struct json_object *e =
				json_object_array_get_idx(list, i);

			printf("%s %s by %s%s%s\n", text_of(e, "at"),
			       text_of(e, "action"), text_of(e, "actor"),
			       *text_of(e, "detail") ? ": " : "",
			       text_of(e, "detail"));
		}
	if (strcmp(text_of(s, "queue_answers"), "true") != 0)
		fputs("bookctl: the queue does not answer: attempts under way "
		      "are not shown\n", stderr);
}

int ctl_trace(struct ctl *ctl, struct fault *why)
{
	const char *typed = ctl->call->words[0];
	char ref[TOKEN_REF_LEN + 1];
	struct story story;
	struct json_object *json;

	if (!token_ref_parse(typed, ref))
		return no_such(typed, why);

	int r = story_read(ctl->store, ctl->queue, ref, QUEUE_LIMIT_MS, &story,
			   why);

	if (r != 1)
		return r == 0 ? no_such(typed, why) : ctl_status(why);
	json = story_json(&story);
	story_release(&story);
	if (cli_flag(ctl->call, "json"))
		return ctl_print_json(json, why);
	print_story(json);
	json_object_put(json);
	return EX_OK;
}

/* ---- changes ------------------------------------------------------------- */

struct store_actor ctl_actor(const struct ctl *ctl)
{
	return (struct store_actor){
		.name = ctl->actor, .request_id = "", .organiser = true,
	};
}

static struct change change_of(struct ctl *ctl, enum change_verb verb)
{
	return (struct change){
		.verb = verb,
		.store = ctl->store,
		.queue = ctl->queue,
		.by = ctl_actor(ctl),
		.revision = CHANGE_ANY,
	};
}

static int print_done(const struct change *c, bool json, struct fault *why)
{
	const char *done = change_words(c->verb)->done;
	struct json_object *answer;

	if (!json) {
		printf("%s %s\n", c->v->ref, done);
		return EX_OK;
	}
	answer = json_object_new_object();
	must(answer != NULL);
	put_text(answer, "reference", c->v->ref);
	put_text(answer, "done", done);
	return ctl_print_json(answer, why);
}

/* Changes the booking of the reference that was typed, and says so. */
static int change(struct change *c, const char *typed, bool json,
		  struct fault *why)
{
	char ref[TOKEN_REF_LEN + 1];
	struct booking_view v;
	enum fail_kind kind;
	int status;
	int r = 0;

	if (token_ref_parse(typed, ref))
		r = store_booking_by_ref(c->store, ref, &v, why);
	if (r != 1)
		return r == 0 ? no_such(typed, why) : ctl_status(why);
	c->v = &v;
	kind = change_do(c);
	if (c->changed) {
		status = print_done(c, json, why);
	} else if (kind == FAIL_UNAVAILABLE || kind == FAIL_UNSURE) {
		*why = c->why;
		status = ctl_status(why);
	} else {
		(void)fault_set(why, FAULT_REJECT,
				"%s: nothing was done, it is over, cancelled, "
				"erased or was changed just now", v.ref);
		status = EX_DATAERR;
	}
	booking_view_release(&v);
	return status;
}

/* Reads what the verb's own option says (NULL = it was not given); a reason is
 * trimmed in place.  EX_OK, or the exit status. */
static int own_read(struct change *c, char *typed, struct fault *why)
{
	switch (c->verb) {
	case CHANGE_CANCEL:
		c->by.reason = typed ? change_reason(typed) : "";
		if (c->by.reason)
			return EX_OK;
		(void)fault_set(why, FAULT_REJECT, "--reason: at most %d "
				"characters of UTF-8, no controls",
				CHANGE_REASON_MAX);
		return EX_DATAERR;
	case CHANGE_EMAIL:
		if (address_normalise(typed, c->email) == ADDRESS_GOOD)
			return EX_OK;
		(void)fault_set(why, FAULT_REJECT, "--address: not an address "
				"that mail can be sent to");
		return EX_DATAERR;
	case CHANGE_RETRY:
	case CHANGE_ABORT:
		c->mail = typed;
		if (c->verb == CHANGE_ABORT || c->queue)
			return EX_OK;
		(void)fault_set(why, FAULT_CONFIG, "the queue's password "
				"cannot be read: run as who may");
		return EX_CONFIG;
	default:
		return EX_OK;
	}
}

int ctl_change(struct ctl *ctl, struct fault *why)
{
	static const char *const own[CHANGE_VERBS] = {
		[CHANGE_CANCEL] = "reason", [CHANGE_EMAIL] = "address",
		[CHANGE_RETRY] = "mail", [CHANGE_ABORT] = "mail",
	};
	struct change c = change_of(ctl,
				    change_named(ctl->call->command->name));
	const char *text = own[c.verb] ? cli_text(ctl->call, own[c.verb]) :
					 NULL;
	char *typed = text ? alloc_text(text) : NULL;
	int status = own_read(&c, typed, why);

	if (status == EX_OK)
		status = change(&c, ctl->call->words[0],
				cli_flag(ctl->call, "json"), why);
	free(typed);
	return status;
}

/* ---- erase --------------------------------------------------------------- */

static int erase_one(struct ctl *ctl, const char *ref, struct fault *why)
{
	struct change c = change_of(ctl, CHANGE_ERASE);
	struct booking_view v;
	enum fail_kind kind;
	int r = store_booking_by_ref(ctl->store, ref, &v, why);

	if (r != 1)
		return r;
	c.v = &v;
	kind = change_do(&c);
	booking_view_release(&v);
	if (kind != FAIL_UNAVAILABLE && kind != FAIL_UNSURE)
		return 0;
	*why = c.why;
	return -1;
}

/* All of one person: bookings, and places in waiting lists. */
static int erase_address(struct ctl *ctl, const char *email, bool json,
			 struct fault *why)
{
	char ref[STORE_REF_LEN + 1];
	int count = 0;
	int places = 0;
	int r;

	while ((r = store_address_booking(ctl->store, email, ref, why)) == 1 &&
	       count++ < ERASED_MAX)
		if (erase_one(ctl, ref, why) < 0)
			return ctl_status(why);
	if (r >= 0)
		places = store_address_waiting_erase(ctl->store, email, why);
	if (r < 0 || places < 0)
		return ctl_status(why);
	if (!json) {
		printf("bookings: %d; places in waiting lists: %d\n", count,
		       places);
		return EX_OK;
	}

	struct json_object *answer = json_object_new_object();

	must(answer != NULL);
	put_int(answer, "bookings", count);
	put_int(answer, "waiting", places);
	return ctl_print_json(answer, why);
}

int ctl_erase(struct ctl *ctl, struct fault *why)
{
	const char *typed = ctl->call->words[0];
	const char *address = cli_text(ctl->call, "address");
	bool json = cli_flag(ctl->call, "json");
	struct change c = change_of(ctl, CHANGE_ERASE);

	if (!typed == !address)
		return EX_USAGE;
	return typed ? change(&c, typed, json, why) :
		       erase_address(ctl, address, json, why);
}
