/* SPDX-License-Identifier: MIT */
/* Reads the words behind a subcommand of bookctl, and writes JSON. */
#include "config.h"

#include "bookctl/bookctl.h"

#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define OPTIONS_MAX 16

int ctl_options(int argc, char **argv, const char *const *names, size_t count,
		const char **texts, struct fault *why)
{
	struct option options[OPTIONS_MAX + 1];
	size_t known = 0;
	size_t word = count;
	int found;

	must(count <= OPTIONS_MAX);
	memset(options, 0, sizeof(options));
	for (size_t i = 0; i < count; i++) {
		bool flag = names[i][0] == '-';

		if (names[i][0] == '\0') {
			word = i;
			continue;
		}
		options[known].name = names[i] + flag;
		options[known].has_arg = flag ? no_argument : required_argument;
		options[known++].val = (int)i;
	}
	while ((found = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (found < 0 || (size_t)found >= count)
			return EX_USAGE;	/* getopt has said why */
		texts[found] = optarg ? optarg : "yes";
	}
	if (optind < argc && word < count)
		texts[word] = argv[optind++];
	if (optind < argc) {
		fault_set(why, FAULT_REJECT, "unexpected \"%s\"",
			  argv[optind]);
		return EX_USAGE;
	}
	return 0;
}

int ctl_field_options(int argc, char **argv, const struct ctl_field *fields,
		      size_t count, const char **texts, struct fault *why)
{
	const char *names[OPTIONS_MAX];

	must(count <= OPTIONS_MAX);
	for (size_t i = 0; i < count; i++)
		names[i] = fields[i].option;
	return ctl_options(argc, argv, names, count, texts, why);
}

int ctl_print_json(struct json_object *value, struct fault *why)
{
	const char *text = json_object_to_json_string_ext(
		value, JSON_C_TO_STRING_PLAIN |
		JSON_C_TO_STRING_NOSLASHESCAPE);
	int r;

	must(text != NULL);
	r = puts(text) == EOF || fflush(stdout) == EOF ? EX_IOERR : EX_OK;
	if (r != EX_OK)
		(void)fault_set_errno(why, FAULT_RETRY, errno, "write");
	json_object_put(value);
	return r;
}
