/* SPDX-License-Identifier: MIT */
/* A program of commands, from one table. */
#include "config.h"

#include "cli/cli.h"

#include "base/alloc.h"
#include "base/str.h"
#include "cli/help.h"
#include "cli/progress.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LONG_BASE 256	/* numbers of long options; letters are below */
#define TYPED_SIZE 64

static int status_of(const struct fault *why)
{
	switch (why->class) {
	case FAULT_REJECT:
		return EX_DATAERR;
	case FAULT_CONFIG:
		return EX_CONFIG;
	case FAULT_NONE:
	case FAULT_RETRY:
	case FAULT_UNSURE:
		break;
	}
	return EX_TEMPFAIL;
}

int cli_flush(struct fault *why)
{
	if (fflush(stdout) == EOF)
		(void)fault_set_errno(why, FAULT_RETRY, errno,
				      "standard output");
	else if (ferror(stdout))
		(void)fault_set(why, FAULT_RETRY,
				"standard output: not all was written");
	else
		return EX_OK;
	return EX_IOERR;
}

/* ---- what was given ------------------------------------------------------ */

/* A name that is not in the table is the caller's bug. */
static void must_be_option(const struct cli *cli, const char *option)
{
	bool is_known = strstr(cli->common, option) != NULL;

	for (size_t i = 0; i < cli->command_count && !is_known; i++)
		is_known = strstr(cli->commands[i].synopsis, option) != NULL;
	must(is_known || strcmp(option, "help") == 0);
}

const char *cli_text(const struct cli_call *call, const char *option)
{
	must_be_option(call->cli, option);
	for (size_t i = call->given_count; i-- > 0;)
		if (strcmp(call->given[i].option, option) == 0)
			return call->given[i].text;
	return NULL;
}

bool cli_flag(const struct cli_call *call, const char *option)
{
	return cli_text(call, option) != NULL;
}

/* ---- what might have been meant ------------------------------------------ */

struct guess {
	const char *typed;
	const char *name;	/* the nearest one, or NULL */
	unsigned distance;	/* of it; 3 is no slip of the finger */
};

static void guess(struct guess *g, const char *name)
{
	unsigned distance = str_distance(g->typed, name);

	if (*g->typed && str_starts_with(name, g->typed))
		distance = 1;
	if (distance < g->distance) {
		g->distance = distance;
		g->name = name;
	}
}

/* ---- options and words --------------------------------------------------- */

static const struct cli_item *item_found(const struct cli_call *call, int found)
{
	const struct cli_synopsis *s = &call->synopsis;

	if (found >= LONG_BASE)
		return &s->items[found - LONG_BASE];
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].letter == found)
			return &s->items[i];
	return NULL;
}

/* Says what getopt_long() did not take.  -1. */
static int refuse(const struct cli_call *call, int found, struct fault *why)
{
	const char *word = call->argv[optind - 1];
	const char *name = call->command->name;
	char typed[TYPED_SIZE];
	struct guess g = { .typed = typed, .distance = 3 };

	if (found == ':')
		return fault_set(why, FAULT_REJECT,
				 "%s needs something behind it", word);
	if (optopt >= LONG_BASE)
		return fault_set(why, FAULT_REJECT, "--%s takes no value",
				 item_found(call, optopt)->name);
	if (optopt)
		return fault_set(why, FAULT_REJECT, "%s has no option -%c",
				 name, optopt);
	(void)snprintf(typed, sizeof(typed), "%.*s",
		       (int)strcspn(word + 2, "="), word + 2);
	for (size_t i = 0; i < call->synopsis.count; i++)
		if (call->synopsis.items[i].is_option)
			guess(&g, call->synopsis.items[i].name);
	return fault_set(why, FAULT_REJECT, "%s has no option --%s%s%s%s",
			 name, typed, g.name ? "; did you mean --" : "",
			 g.name ? g.name : "", g.name ? "?" : "");
}

static int options_read(struct cli_call *call, struct fault *why)
{
	const struct cli_synopsis *s = &call->synopsis;
	struct option options[CLI_ITEMS_MAX + 1];
	char letters[2 * CLI_ITEMS_MAX + 2] = ":";
	size_t count = 0;
	int found;

	memset(options, 0, sizeof(options));
	for (size_t i = 0; i < s->count; i++) {
		if (s->items[i].letter)
			(void)snprintf(letters + strlen(letters), 3, "%c%s",
				       s->items[i].letter,
				       s->items[i].has_value ? ":" : "");
		if (s->items[i].is_option)
			options[count++] = (struct option){
				.name = s->items[i].name,
				.has_arg = s->items[i].has_value,
				.val = LONG_BASE + (int)i,
			};
	}
	optind = 0;	/* another run of getopt */
	while ((found = getopt_long(call->argc, call->argv, letters, options,
				    NULL)) != -1) {
		const struct cli_item *item = item_found(call, found);

		if (!item)
			return refuse(call, found, why);
		if (call->cli->is_strict && item->has_value &&
		    !item->is_repeated && cli_flag(call, item->name))
			return fault_set(why, FAULT_REJECT,
					 "--%s is given twice", item->name);
		call->given[call->given_count].option = item->name;
		call->given[call->given_count++].text = optarg ? optarg : "yes";
	}
	call->words = call->argv + optind;
	call->word_count = call->argc - optind;
	return 0;
}

/* Is all there that is required, and nothing else? */
static int words_check(const struct cli_call *call, struct fault *why)
{
	const struct cli_item *item = call->synopsis.items;
	int count = 0;

	for (; item < call->synopsis.items + call->synopsis.count; item++) {
		if (item->is_required &&
		    (item->is_option ? !cli_flag(call, item->name) :
				       call->word_count <= count))
			return fault_set(why, FAULT_REJECT, "%s needs %s%s",
					 call->command->name,
					 item->is_option ? "--" : "",
					 item->name);
		if (!item->is_option)
			count = item->is_repeated ? call->argc : count + 1;
	}
	if (call->word_count > count)
		return fault_set(why, FAULT_REJECT, "unexpected \"%s\"",
				 call->words[count]);
	return 0;
}

static int call_read(struct cli_call *call, struct fault *why)
{
	const struct cli *cli = call->cli;
	const struct cli_command *next = call->command + 1;
	bool is_only_way = next == cli->commands + cli->command_count ||
			   strcmp(next->name, call->command->name) != 0;

	for (size_t i = 0; i < cli->command_count; i++)
		if (strcmp(cli->commands[i].name, call->command->name) == 0)
			cli_synopsis_add(&call->synopsis,
					 cli->commands[i].synopsis,
					 is_only_way);
	cli_synopsis_add(&call->synopsis, cli->common, true);
	cli_synopsis_add(&call->synopsis, "[-h | --help]", true);
	if (options_read(call, why) < 0)
		return -1;
	return cli_flag(call, "help") ? 0 : words_check(call, why);
}

/* ---- a command ----------------------------------------------------------- */

/* How many of the words in argv are this name: 0 to 2. */
static int name_words(const char *name, char **argv)
{
	size_t len = strcspn(name, " ");

	if (strncmp(argv[0], name, len) != 0 || argv[0][len] != '\0')
		return 0;
	if (name[len] == '\0')
		return 1;
	return argv[1] && strcmp(argv[1], name + len + 1) == 0 ? 2 : 0;
}

/* Finds the command whose name, or old name, argv begins with. */
static const struct cli_command *command_find(const struct cli *cli,
					      char **argv, int *words_out)
{
	for (size_t i = 0; i < cli->command_count; i++) {
		const struct cli_command *c = &cli->commands[i];

		*words_out = name_words(c->name, argv);
		if (*words_out == 0)
			continue;
		for (size_t j = 0; !c->run; j++)
			if (strcmp(cli->commands[j].name, c->synopsis) == 0)
				c = &cli->commands[j];
		return c;
	}
	return NULL;
}

/* Answers words that are no command's name. */
static int no_command(const struct cli *cli, char **argv)
{
	bool is_help = argv[1] && (strcmp(argv[1], "-h") == 0 ||
				   strcmp(argv[1], "--help") == 0);
	int ways = cli_usage(cli, argv[0], is_help, is_help ? stdout : stderr);
	char typed[TYPED_SIZE];
	struct guess g = { .typed = typed, .distance = 3 };

	if (ways > 0 && (is_help || !argv[1]))
		return is_help ? EX_OK : EX_USAGE;
	(void)snprintf(typed, sizeof(typed), "%s%s%s", argv[0],
		       ways > 0 ? " " : "", ways > 0 ? argv[1] : "");
	for (size_t i = 0; i < cli->command_count; i++)
		if (cli->commands[i].summary)
			guess(&g, cli->commands[i].name);
	if (g.name)
		(void)fprintf(stderr, "%s: no command \"%s\"; did you mean "
			      "\"%s\"?\n", cli->name, typed, g.name);
	else
		(void)fprintf(stderr, "%s: no command \"%s\"; %s -h lists "
			      "them\n", cli->name, typed, cli->name);
	return EX_USAGE;
}

/* Says how it ended, by exit status and in words. */
static int call_end(const struct cli_call *call, int status, bool is_refused,
		    struct fault *why)
{
	const struct cli *cli = call->cli;
	int other;

	if (status == CLI_BY_FAULT)
		status = status_of(why);
	if (cli_flush(why) != EX_OK)
		status = EX_IOERR;
	other = status && cli->ended ? cli->ended(call, status, why) : status;
	if (other != status)
		return other;
	if (status && *why->text)
		(void)fprintf(stderr, "%s: %s\n", cli->name, why->text);
	if (is_refused || (status == EX_USAGE && !*why->text))
		(void)cli_usage(cli, call->command->name, false, stderr);
	return status;
}

static int call_run(struct cli_call *call)
{
	struct fault why = { .class = FAULT_NONE };
	int status = EX_USAGE;
	size_t most = 0;	/* options, of one letter each */
	bool is_read;

	for (int i = 0; i < call->argc; i++)
		most += strlen(call->argv[i]);
	call->given = alloc_zeroed(most + 1, sizeof(*call->given));
	is_read = call_read(call, &why) == 0;
	if (is_read && !cli_flag(call, "help"))
		status = call->cli->run(call, &why);
	else if (is_read)
		status = cli_usage(call->cli, call->command->name, true,
				   stdout) > 0 ? EX_OK : EX_USAGE;
	cli_progress_end();
	status = call_end(call, status, !is_read, &why);
	free(call->given);
	return status;
}

int cli_main(const struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "table", no_argument, NULL, 't' },	/* for our checks */
		{ NULL, 0, NULL, 0 },
	};
	struct cli_call call = { .cli = cli, .conf_path = cli->conf_path };
	int option;
	int words;

	(void)signal(SIGPIPE, SIG_IGN);
	optind = 0;
	while ((option = getopt_long(argc, argv, "+c:Vh", options,
				     NULL)) != -1) {
		switch (option) {
		case 'c':
			call.conf_path = optarg;
			break;
		case 'V':
			(void)printf("%s " PACKAGE_VERSION "\n", cli->name);
			return EX_OK;
		case 'h':
			cli_help(cli, stdout);
			return EX_OK;
		case 't':
			cli_table_print(cli);
			return EX_OK;
		default:
			cli_help(cli, stderr);
			return EX_USAGE;
		}
	}
	argv += optind;
	argc -= optind;
	if (argc == 0) {
		cli_help(cli, stderr);
		return EX_USAGE;
	}
	call.command = command_find(cli, argv, &words);
	if (!call.command)
		return no_command(cli, argv);
	call.argc = argc - words + 1;
	call.argv = argv + words - 1;
	return call_run(&call);
}
