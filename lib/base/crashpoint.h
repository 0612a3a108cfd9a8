/* SPDX-License-Identifier: MIT */
/*
 * Crash points: labelled steps at which a test has a process die.
 *
 * Compiled to nothing unless configured with --enable-crash-points, which is
 * for tests only.  There, the environment variable RESERVOIR_CRASH names a
 * file; while it holds a line "label n", the process that comes to that point
 * for the n-th time appends "." and its pid to the file's name and kills
 * itself, so it fires exactly once.
 * RESERVOIR_CRASH_LIST set to anything makes the program print its labels, one
 * a line, and end.
 */
#ifndef BASE_CRASHPOINT_H
#define BASE_CRASHPOINT_H

#ifdef CRASH_POINTS
struct crash_point {
	const char *label;
	unsigned long visits;	/* of this process */
};

/* The linker gathers the points of a program in one section. */
#define CRASH_POINT(text) \
	do { \
		static struct crash_point crash_point_ \
			__attribute__((section("crash_points"), used)) = \
			{ (text), 0 }; \
		crash_point_reach(&crash_point_); \
	} while (0)

/* Returns, or does not. */
void crash_point_reach(struct crash_point *point);
#else
#define CRASH_POINT(text) ((void)0)
#endif

#endif
