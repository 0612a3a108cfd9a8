/* SPDX-License-Identifier: MIT */
/* What the load programs share: a clock, one lane of samples for each
 * connection, and the report that the driver reads. */
#ifndef LANES_H
#define LANES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define LANE_SAMPLES_MAX (1 << 18)	/* further ones are counted only */

struct lane {
	uint64_t count;		/* answers of the kind that was expected */
	uint64_t other;		/* answers of any other kind */
	uint64_t retries;	/* transactions begun again */
	int other_code;		/* the last of the others */
	uint32_t us[LANE_SAMPLES_MAX];
};

struct lanes {
	atomic_int ready;	/* lanes that are connected */
	atomic_llong go_at_ns;	/* 0 = wait */
	size_t count;
	struct lane lane[];
};

/* CLOCK_MONOTONIC. */
int64_t now_ns(void);

/* Memory that forked processes share; never NULL. */
struct lanes *lanes_new(size_t count);

void lane_add(struct lane *lane, int64_t begun_ns, int64_t ended_ns);

/* Prints one JSON object: count, rate, p50_us, p99_us, max_us, other,
 * other_code, retries. */
void lanes_report(const struct lanes *lanes, double seconds);

/* Ends the program with a sentence, as err() does. */
void die(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* Reads a number of the command line or dies. */
long number(const char *text, long min, long max);

#endif
