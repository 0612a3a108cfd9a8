/* SPDX-License-Identifier: MIT */
/* The hosts of one database, in their order. */
#ifndef DB_HOSTS_H
#define DB_HOSTS_H

#include "base/compiler.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define DBHOSTS_MAX 9		/* as many as a Group Replication has */
#define DBHOST_NAME_MAX 253

struct dbhost {
	char name[DBHOST_NAME_MAX + 1];	/* without brackets */
	unsigned port;
};

struct dbhosts {
	struct dbhost list[DBHOSTS_MAX];
	size_t count;
};

/*
 * Reads "HOST, HOST:PORT, [IPV6]:PORT, IPV6"; port is for those that name none.
 * False if it is no such list, or too long.
 */
bool dbhosts_read(const char *text, unsigned port, struct dbhosts *out)
	MUST_USE;

/*
 * Which of them the processes of a program use, so that all use the same one;
 * in shared memory, made before they are.  The number in the list of the last
 * one that was good; any number is allowed.
 */
typedef _Atomic unsigned dbhosts_choice;

#endif
