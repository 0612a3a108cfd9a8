/* SPDX-License-Identifier: MIT */
/* Addresses for tests, as people write them. */
#ifndef TESTS_ADDRESSES_H
#define TESTS_ADDRESSES_H

#include "smtp/lookup.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static inline struct lookup_address address_of(const char *text, int port)
{
	struct lookup_address a;

	memset(&a, 0, sizeof(a));
	if (inet_pton(AF_INET6, text, &a.at.v6.sin6_addr) == 1) {
		a.len = sizeof(a.at.v6);
		a.at.v6.sin6_family = AF_INET6;
		a.at.v6.sin6_port = htons((uint16_t)port);
		return a;
	}
	assert_int_equal(inet_pton(AF_INET, text, &a.at.v4.sin_addr), 1);
	a.len = sizeof(a.at.v4);
	a.at.v4.sin_family = AF_INET;
	a.at.v4.sin_port = htons((uint16_t)port);
	return a;
}

static inline struct lookup_result list_of(const char *texts, int port)
{
	struct lookup_result list = { .count = 0 };
	char copy[400];
	char *rest = copy;
	char *one;

	(void)snprintf(copy, sizeof(copy), "%s", texts);
	while ((one = strsep(&rest, " ")))
		list.list[list.count++] = address_of(one, port);
	return list;
}

#endif
