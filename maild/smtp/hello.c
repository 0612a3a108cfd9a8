/* SPDX-License-Identifier: MIT */
/* The name that we say in EHLO. */
#include "config.h"

#include "smtp/sender.h"

#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int sender_hello_name(const char *setting, char name[SENDER_HELLO_MAX],
		      struct fault *why)
{
	if (setting[0]) {
		must(str_copy(name, SENDER_HELLO_MAX, setting));
		return 0;
	}
	if (gethostname(name, SENDER_HELLO_MAX) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "hello_name is empty and gethostname");
	name[SENDER_HELLO_MAX - 1] = '\0';
	return 0;
}

bool sender_hello_is_full(const char *name)
{
	return strchr(name, '.') != NULL &&
	       strcasecmp(name, "localhost.localdomain") != 0;
}
