/* SPDX-License-Identifier: MIT */
/* The words behind a subcommand of maildctl. */
#include "config.h"

#include "maildctl/args.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

/* One option: where its text or its yes goes in struct ctl_args. */
struct row {
	const char *name;
	unsigned bit;
	bool has_text;
	size_t offset;
};

#define FLAG(name, bit, member) \
	{ name, bit, false, offsetof(struct ctl_args, member) }
#define TEXT(name, bit, member) \
	{ name, bit, true, offsetof(struct ctl_args, member) }

static const struct row rows[] = {
	FLAG("json", CTL_JSON, json),
	FLAG("yes", CTL_YES, yes),
	FLAG("addresses", CTL_ADDRESSES, addresses),
	FLAG("all", CTL_ALL, all),
	FLAG("check", CTL_CHECK, check),
	FLAG("here", CTL_HERE, here),
	FLAG("smtp", CTL_SMTP, smtp),
	FLAG("long", CTL_LONG, long_lines),
	FLAG("help", CTL_HELP, help),
	TEXT("state", CTL_STATE, state),
	TEXT("since", CTL_SINCE, since),
	TEXT("reason", CTL_REASON, reason),
	TEXT("kind", CTL_KIND, kind),
	TEXT("limit", CTL_LIMIT, limit),
	TEXT("older-than", CTL_OLDER_THAN, older_than),
	TEXT("warn", CTL_WARN, warn),
	TEXT("crit", CTL_CRIT, crit),
	TEXT("timeout", CTL_TIMEOUT, timeout),
	TEXT("stage", CTL_STAGE, stage),
	TEXT("recipient", CTL_RECIPIENT, recipient),
};

/* "-y" and "-l" for those who type; all else has long names only. */
#define SHORT ":hly"

static const struct row *row_of(int found)
{
	const char *name = found == 'y' ? "yes" : found == 'l' ? "long"
			 : found == 'h' ? "help" : NULL;

	if (found >= 0 && (size_t)found < ARRAY_COUNT(rows))
		return &rows[found];
	for (size_t i = 0; name && i < ARRAY_COUNT(rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static void take(const struct row *row, const char *text, struct ctl_args *out)
{
	char *base = (char *)out + row->offset;
	const bool yes = true;

	if (row->has_text)
		memcpy(base, &text, sizeof(text));
	else
		memcpy(base, &yes, sizeof(yes));
}

static bool was_given(const struct row *row, const struct ctl_args *args)
{
	const char *text;

	if (!row->has_text)
		return false;
	memcpy(&text, (const char *)args + row->offset, sizeof(text));
	return text != NULL;
}

int ctl_args_read(int argc, char **argv, unsigned allowed,
		  struct ctl_args *out, struct fault *why)
{
	struct option options[ARRAY_COUNT(rows) + 1];
	int found;

	memset(options, 0, sizeof(options));
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		options[i].name = rows[i].name;
		options[i].has_arg = rows[i].has_text ? required_argument
						      : no_argument;
		options[i].val = (int)i;
	}
	*out = (struct ctl_args){ .count = 0 };
	optind = 0;		/* a new run of getopt */
	while ((found = getopt_long(argc, argv, SHORT, options, NULL)) != -1) {
		const struct row *row = row_of(found);

		if (found == ':')
			return fault_set(why, FAULT_REJECT,
					 "%s needs something behind it",
					 argv[optind - 1]);
		if (!row)
			return fault_set(why, FAULT_REJECT,
					 "%s: unknown, or not short for one "
					 "option only", argv[optind - 1]);
		if (!(allowed & row->bit))
			return fault_set(why, FAULT_REJECT,
					 "%s has no option --%s", argv[0],
					 row->name);
		if (was_given(row, out))
			return fault_set(why, FAULT_REJECT,
					 "--%s is given twice", row->name);
		take(row, optarg, out);
	}
	out->count = argc - optind;
	out->words = argv + optind;
	return 0;
}
