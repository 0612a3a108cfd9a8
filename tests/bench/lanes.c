/* SPDX-License-Identifier: MIT */
/* Clock, samples and report of the load programs. */
#include "lanes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct lanes *lanes_new(size_t count)
{
	struct lanes *lanes;
	size_t size = sizeof(*lanes) + count * sizeof(lanes->lane[0]);

	lanes = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (lanes == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	lanes->count = count;
	return lanes;
}

void lane_add(struct lane *lane, int64_t begun_ns, int64_t ended_ns)
{
	int64_t us = (ended_ns - begun_ns) / 1000;

	if (lane->count < LANE_SAMPLES_MAX)
		lane->us[lane->count] = (uint32_t)us;
	lane->count++;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* All samples in order; heap. */
static uint32_t *samples_sorted(const struct lanes *lanes, size_t *count_out)
{
	uint32_t *all = malloc(lanes->count * LANE_SAMPLES_MAX * sizeof(*all));
	size_t n = 0;

	if (!all)
		die("no memory for the samples");
	for (size_t i = 0; i < lanes->count; i++) {
		const struct lane *lane = &lanes->lane[i];
		size_t kept = lane->count < LANE_SAMPLES_MAX
			? lane->count : LANE_SAMPLES_MAX;

		memcpy(all + n, lane->us, kept * sizeof(*all));
		n += kept;
	}
	qsort(all, n, sizeof(*all), by_size);
	*count_out = n;
	return all;
}

void lanes_report(const struct lanes *lanes, double seconds)
{
	struct lane sum = { .count = 0 };
	size_t n;
	uint32_t *us = samples_sorted(lanes, &n);

	for (size_t i = 0; i < lanes->count; i++) {
		const struct lane *lane = &lanes->lane[i];

		sum.count += lane->count;
		sum.other += lane->other;
		sum.retries += lane->retries;
		if (lane->other)
			sum.other_code = lane->other_code;
	}
	printf("{\"count\": %llu, \"rate\": %.1f, \"p50_us\": %u, "
	       "\"p99_us\": %u, \"max_us\": %u, \"other\": %llu, "
	       "\"other_code\": %d, \"retries\": %llu}\n",
	       (unsigned long long)sum.count, (double)sum.count / seconds,
	       n ? us[n / 2] : 0, n ? us[n * 99 / 100] : 0,
	       n ? us[n - 1] : 0, (unsigned long long)sum.other,
	       sum.other_code, (unsigned long long)sum.retries);
	free(us);
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(stderr, format, args); /* the last thing we do */
	va_end(args);
	(void)fputc('\n', stderr);
	exit(1);
}

long number(const char *text, long min, long max)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < min || value > max)
		die("%s: a number from %ld to %ld is wanted", text, min, max);
	return value;
}
