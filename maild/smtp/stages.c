/* SPDX-License-Identifier: MIT */
/* What each step of SMTP takes: measured in one session, counted by all. */
#include "config.h"

#include "smtp/stages.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

_Static_assert(STAGES_ROWS <= QUEUE_TALLY_ROWS_MAX, "told in one piece");

const char *stages_name(enum stage stage)
{
	static const char *const names[STAGE_COUNT] = {
		[STAGE_CONNECT] = "connect", [STAGE_GREETING] = "greeting",
		[STAGE_EHLO] = "EHLO", [STAGE_STARTTLS] = "STARTTLS",
		[STAGE_TLS] = "TLS", [STAGE_AUTH] = "AUTH",
		[STAGE_MAIL] = "MAIL", [STAGE_RCPT] = "RCPT",
		[STAGE_DATA] = "DATA", [STAGE_BODY] = "body",
		[STAGE_DOT] = "dot",
	};

	return names[stage];
}

/* Nobody waits for these counts: no memory order is needed. */
static void add(_Atomic uint64_t *to, uint64_t n)
{
	(void)atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static uint64_t look(const _Atomic uint64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

void stages_took(struct stages *s, enum stage stage, int64_t us)
{
	static const int64_t bounds[] = QUEUE_STAGE_BOUNDS;
	size_t i = 0;

	_Static_assert(ARRAY_COUNT(bounds) + 1 == QUEUE_STAGE_BUCKETS,
		       "and one without a bound");
	if (us < 0) {
		add(&s->stage[stage].broken, 1);
		return;
	}
	while (i < ARRAY_COUNT(bounds) && us > bounds[i])
		i++;
	add(&s->stage[stage].bucket[i], 1);
	add(&s->stage[stage].sum_us, (uint64_t)us);
}

void stages_attempt(struct stages *s, enum outcome outcome)
{
	add(&s->attempt[outcome], 1);
}

uint64_t stages_answers(const struct stages *s)
{
	return look(&s->attempt[OUTCOME_SENT]) +
	       look(&s->attempt[OUTCOME_RECIPIENT_LATER]) +
	       look(&s->attempt[OUTCOME_RECIPIENT]) +
	       look(&s->attempt[OUTCOME_CONTENT]);
}

/* The word is a label in /metrics, and those have no capitals. */
static void name_row(struct queue_tally *row, const char *what,
		     const char *word, const char *relay)
{
	int len = snprintf(row->name, sizeof(row->name), "%s:%s:", what, word);

	for (char *p = row->name; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	must((size_t)len + strlen(relay) < sizeof(row->name));
	memcpy(row->name + len, relay, strlen(relay) + 1);
}

void stages_rows(const struct stages *s, const char *relay,
		 struct queue_tally rows[STAGES_ROWS])
{
	for (size_t i = 0; i < STAGE_COUNT; i++) {
		struct queue_tally *row = rows++;

		name_row(row, "stage", stages_name((enum stage)i), relay);
		row->count = QUEUE_STAGE_NUMBERS;
		row->numbers[QUEUE_STAGE_BROKEN] = look(&s->stage[i].broken);
		row->numbers[QUEUE_STAGE_SUM] = look(&s->stage[i].sum_us);
		for (size_t b = 0; b < QUEUE_STAGE_BUCKETS; b++)
			row->numbers[QUEUE_STAGE_FIRST + b] =
				look(&s->stage[i].bucket[b]);
	}
	for (size_t i = 0; i < OUTCOME_COUNT; i++) {
		struct queue_tally *row = rows++;

		name_row(row, "attempt", outcome_name((enum outcome)i), relay);
		row->count = 1;
		row->numbers[0] = look(&s->attempt[i]);
	}
}

/* ---- a stopwatch for one session ---------------------------------------- */

static void say_first(const struct stagewatch *w)
{
	if (w->waits && w->count > 0 && w->awaited[0] != STAGEWATCH_OTHER)
		w->waits(w->arg, (enum stage)w->awaited[0]);
}

void stagewatch_begin(struct stagewatch *w, int stage)
{
	if (!w->tell)
		return;
	if (w->count == 0)
		w->since_us = w->clock_us();
	/* Nobody asks so much at once: which answer is whose is no longer
	 * known. */
	if (w->count == STAGEWATCH_MAX)
		stagewatch_forget(w);
	else
		w->awaited[w->count++] = stage;
	if (w->count == 1)
		say_first(w);
}

static int take_first(struct stagewatch *w)
{
	int first = w->awaited[0];

	memmove(w->awaited, w->awaited + 1, --w->count * sizeof(*w->awaited));
	say_first(w);
	return first;
}

static void tell_first(struct stagewatch *w)
{
	int64_t now_us = w->clock_us();
	int stage = take_first(w);

	if (stage != STAGEWATCH_OTHER)
		w->tell(w->arg, (enum stage)stage, now_us - w->since_us);
	w->since_us = now_us;
}

static bool ends_by_itself(int stage)
{
	return stage == STAGE_CONNECT || stage == STAGE_TLS ||
	       stage == STAGE_BODY;
}

void stagewatch_end(struct stagewatch *w, enum stage stage)
{
	if (w->count > 0 && w->awaited[0] == (int)stage)
		tell_first(w);
}

int stagewatch_answer(struct stagewatch *w)
{
	int stage;

	if (w->count == 0)
		return STAGEWATCH_OTHER;
	stage = w->awaited[0];
	if (ends_by_itself(stage)) {
		/* The server speaks out of turn. */
		stagewatch_forget(w);
		return STAGEWATCH_OTHER;
	}
	tell_first(w);
	return stage;
}

void stagewatch_over(struct stagewatch *w)
{
	if (w->count > 0 && w->awaited[0] != STAGEWATCH_OTHER)
		w->tell(w->arg, (enum stage)w->awaited[0], -1);
	w->count = 0;
}

void stagewatch_forget(struct stagewatch *w)
{
	w->count = 0;
}
