/* SPDX-License-Identifier: MIT */
/* bookctl trace, resend, cancel, email, retry, abort and erase: what concerns
 * one booking. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/change.h"
#include "actions/story.h"
#include "base/alloc.h"
#include "cli/progress.h"
#include "domain/address.h"
#include "domain/model.h"
#include "domain/token.h"
#include "json/get.h"
#include "json/put.h"
#include "store/people.h"
#include "store/view.h"
#include "store/waiting.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static int no_such(const char *typed, struct fault *why)
{
	return fault_set(why, FAULT_REJECT, "there is no booking %s", typed);
}

/* ---- trace --------------------------------------------------------------- */

/* "name: value", without what is empty. */
static void print_facts(struct json_object *from, const char *indent,
			const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (*ctl_text(from, names[i]) != '\0')
			printf("%s%s: %s\n", indent, names[i],
			       ctl_text(from, names[i]));
}

static void print_job(struct json_object *job)
{
	static const char *const facts[] = {
		"state", "admitted_at", "next_at", "owner", "relay", "reason",
	};
	struct json_object *lines = get_value(job, "story");

	puts("  in the queue:");
	print_facts(job, "    ", facts, ARRAY_COUNT(facts));
	for (size_t i = 0; i < get_count(lines); i++) {
		struct json_object *l = get_at(lines, i);

		printf("    %s %s by %s%s%s%s%s%s%s x%s %s\n",
		       ctl_text(l, "at"), ctl_text(l, "verdict"),
		       ctl_text(l, "who"), *ctl_text(l, "relay") ? " to " : "",
		       ctl_text(l, "relay"),
		       *ctl_text(l, "stage") ? " at " : "",
		       ctl_text(l, "stage"),
		       *ctl_text(l, "code") ? " code " : "",
		       ctl_text(l, "code"), ctl_text(l, "times"),
		       ctl_text(l, "text"));
	}
}

static void print_mail(struct json_object *mail)
{
	static const char *const facts[] = {
		"kind", "state", "attempts", "created_at", "begins_at",
		"final_at", "reply",
	};
	static const char *const heard[] = {
		"fate", "fate_sure", "fate_at", "fate_text",
	};
	struct json_object *job = get_value(mail, "job");

	printf("mail %s\n", ctl_text(mail, "id"));
	print_facts(mail, "  ", facts, ARRAY_COUNT(facts));
	if (*ctl_text(mail, "fate") != '\0')
		print_facts(mail, "  ", heard, ARRAY_COUNT(heard));
	if (job)
		print_job(job);
}

/* A list has a text for each seat. */
static void print_answers(struct json_object *answers)
{
	json_object_object_foreach(answers, name, value) {
		if (!json_object_is_type(value, json_type_array))
			printf("  answer %s: %s\n", name,
			       json_object_get_string(value));
		for (size_t i = 0; i < get_count(value); i++)
			printf("  answer %s, seat %zu: %s\n", name, i + 1,
			       json_object_get_string(get_at(value, i)));
	}
}

static void print_story(struct json_object *s)
{
	static const char *const facts[] = {
		"request_id", "created_at", "changed_at", "cancelled_by",
		"cancel_reason", "service", "starts_at", "ends_at",
		"time_zone", "seats", "name", "email", "language", "notes",
	};
	struct json_object *mails = get_value(s, "messages");
	struct json_object *history = get_value(s, "history");

	printf("booking %s\n", ctl_text(s, "reference"));
	print_facts(s, "  ", facts, ARRAY_COUNT(facts));
	print_answers(get_value(s, "answers"));
	for (size_t i = 0; i < get_count(mails); i++)
		print_mail(get_at(mails, i));
	for (size_t i = 0; i < get_count(history); i++) {
		struct json_object *e = get_at(history, i);

		printf("%s %s by %s%s%s\n", ctl_text(e, "at"),
		       ctl_text(e, "action"), ctl_text(e, "actor"),
		       *ctl_text(e, "detail") ? ": " : "",
		       ctl_text(e, "detail"));
	}
	if (strcmp(ctl_text(s, "queue_answers"), "true") != 0)
		fputs("bookctl: the queue does not answer: attempts under way "
		      "are not shown\n", stderr);
}

int ctl_trace(struct ctl *ctl, struct fault *why)
{
	const char *typed = ctl->call->words[0];
	char ref[TOKEN_REF_LEN + 1];
	struct story story;
	struct json_object *json;
	int r = 0;

	if (token_ref_parse(typed, ref))
		r = story_read(ctl->store, ref, &story, why);
	if (r != 1)
		return r == 0 ? no_such(typed, why) : CLI_BY_FAULT;
	story_hear(&story, ctl->queue);
	json = story_json(&story);
	story_release(&story);
	return ctl_tell(ctl, json, print_story);
}

/* ---- changes ------------------------------------------------------------- */

static struct change change_of(struct ctl *ctl, enum change_verb verb)
{
	return (struct change){
		.verb = verb,
		.store = ctl->store,
		.queue = ctl->queue,
		.by = ctl->by,
		.revision = CHANGE_ANY,
	};
}

static void print_done(struct json_object *answer)
{
	printf("%s %s\n", ctl_text(answer, "reference"),
	       ctl_text(answer, "done"));
}

/* 1: it was found, and c->changed says whether anything was done; 0: there is
 * no such booking; -1 with *why. */
static int change_ref(struct change *c, const char *ref, struct fault *why)
{
	struct booking_view v;
	enum fail_kind kind;
	int r = store_booking_by_ref(c->store, ref, &v, why);

	if (r != 1)
		return r;
	c->v = &v;
	kind = change_do(c);
	c->v = NULL;
	booking_view_release(&v);
	if (c->changed || (kind != FAIL_UNAVAILABLE && kind != FAIL_UNSURE))
		return 1;
	*why = c->why;
	return -1;
}

/* The mail of a place in line; c->changed says whether it is sent.  1, 0 =
 * there is none of that reference, -1. */
static int place_again(struct change *c, const char *ref, struct fault *why)
{
	const struct change_again again = { .store = c->store, .by = &c->by };
	struct waiting_view w;
	int r = store_waiting_by_ref(c->store, ref, &w, why);

	if (r != 1)
		return r;
	r = change_wait_again(&again, &w, why);
	waiting_view_release(&w);
	c->changed = r == STORE_CHANGED;
	return r < 0 ? -1 : 1;
}

/* Changes the booking of the reference that was typed, and says so. */
static int change(struct ctl *ctl, struct change *c, struct fault *why)
{
	const char *typed = ctl->call->words[0];
	char ref[TOKEN_REF_LEN + 1];
	struct json_object *answer;
	int r = 0;

	if (token_ref_parse(typed, ref))
		r = change_ref(c, ref, why);
	if (r == 0 && c->verb == CHANGE_RESEND && token_ref_parse(typed, ref))
		r = place_again(c, ref, why);
	if (r != 1)
		return r == 0 ? no_such(typed, why) : CLI_BY_FAULT;
	if (!c->changed)
		return fault_set(why, FAULT_REJECT, "%s: nothing was done, it "
				 "is over, cancelled, erased, was changed "
				 "just now or its mail is on its way", ref);
	answer = put_new();
	put_text(answer, "reference", ref);
	put_text(answer, "done", change_words(c->verb)->done);
	return ctl_tell(ctl, answer, print_done);
}

/* Reads what the verb's own option says (NULL = it was not given); a reason is
 * trimmed in place.  0, or -1. */
static int own_read(struct change *c, char *typed, struct fault *why)
{
	switch (c->verb) {
	case CHANGE_CANCEL:
		c->by.reason = typed ? change_reason(typed) : "";
		if (c->by.reason)
			return 0;
		return fault_set(why, FAULT_REJECT, "--reason: at most %d "
				 "characters of UTF-8, no controls",
				 CHANGE_REASON_MAX);
	case CHANGE_EMAIL:
		if (address_normalise(typed, c->email) == ADDRESS_GOOD)
			return 0;
		return fault_set(why, FAULT_REJECT, "--address: not an address "
				 "that mail can be sent to");
	case CHANGE_RETRY:
	case CHANGE_ABORT:
		c->mail = typed;
		if (c->verb == CHANGE_ABORT || c->queue)
			return 0;
		return fault_set(why, FAULT_CONFIG, "the queue's password "
				 "cannot be read: run this as its owner");
	default:
		return 0;
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

	if (status == 0)
		status = change(ctl, &c, why);
	free(typed);
	return status;
}

/* ---- erase --------------------------------------------------------------- */

static void print_erased(struct json_object *answer)
{
	printf("bookings: %s; places in waiting lists: %s\n",
	       ctl_text(answer, "bookings"), ctl_text(answer, "waiting"));
}

/* Somebody else may change a booking at the same moment, now and then. */
#define ERASE_TRIES 10

/* All of one person: bookings, and places in waiting lists. */
static int erase_address(struct ctl *ctl, const char *email, struct fault *why)
{
	char last[STORE_REF_LEN + 1] = "";
	char ref[STORE_REF_LEN + 1];
	struct json_object *answer;
	int tries = 0;
	int count = 0;
	int places = 0;
	int r;

	cli_progress_begin("erased", false);
	while ((r = store_address_booking(ctl->store, email, ref, why)) == 1) {
		struct change c = change_of(ctl, CHANGE_ERASE);

		tries = strcmp(ref, last) == 0 ? tries + 1 : 0;
		if (tries == ERASE_TRIES)
			return fault_set(why, FAULT_REJECT, "%s: could not be "
					 "erased", ref);
		memcpy(last, ref, sizeof(last));
		if (change_ref(&c, ref, why) < 0)
			return CLI_BY_FAULT;
		count += c.changed;
		cli_progress(count, 0);
	}
	cli_progress_end();
	if (r >= 0)
		places = store_address_waiting_erase(ctl->store, email, why);
	if (r < 0 || places < 0)
		return CLI_BY_FAULT;
	answer = put_new();
	put_int(answer, "bookings", count);
	put_int(answer, "waiting", places);
	return ctl_tell(ctl, answer, print_erased);
}

int ctl_erase(struct ctl *ctl, struct fault *why)
{
	const char *address = cli_text(ctl->call, "address");
	struct change c = change_of(ctl, CHANGE_ERASE);

	if (!ctl->call->words[0] == !address)
		return EX_USAGE;
	return address ? erase_address(ctl, address, why) :
			 change(ctl, &c, why);
}
