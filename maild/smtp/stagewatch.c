/* SPDX-License-Identifier: MIT */
/* A stopwatch for the steps of one SMTP session. */
#include "config.h"

#include "smtp/stagewatch.h"

#include <string.h>

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
	/* Nobody asks so much at once: whose answers come is not known any
	 * more. */
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
		/* It speaks out of turn. */
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
