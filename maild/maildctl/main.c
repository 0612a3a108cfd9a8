/* SPDX-License-Identifier: MIT */
/* maildctl: the queue in the hands of its operator.  Only wires. */
#include "config.h"

#include "maildctl/maildctl.h"
#include "maildctl/snapshot.h"

#include "base/buf.h"
#include "base/fdio.h"
#include "base/logger.h"
#include "redis/rconn.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define CONF_FILE SYSCONFDIR "/reservoir/maild.conf"
#define CONNECT_LIMIT_MS 5000
#define COMMAND_LIMIT_MS 10000
#define ANY_COUNT 1000000
#define CHECK_WORST 2		/* CRITICAL */
#define CHECK_UNKNOWN 3

enum needs { NEEDS_NOTHING, NEEDS_SETTINGS, NEEDS_REDIS };

struct command {
	const char *name;
	const char *args;
	const char *help;
	unsigned options;	/* besides CTL_JSON and CTL_HELP */
	int least, most;	/* words that are no options */
	enum needs needs;
	ctl_run *run;
};

#define CHOICE (CTL_REASON | CTL_KIND | CTL_SINCE | CTL_ALL | CTL_YES)

static const struct command commands[] = {
	{ "status", "[--check [--warn LIMITS] [--crit LIMITS] [--here]\n"
	  "\t[--smtp]]",
	  "queues, workers, relays, pauses and counters; with --check one\n"
	  "\tline and a status for a monitoring system",
	  CTL_CHECK | CTL_WARN | CTL_CRIT | CTL_HERE | CTL_SMTP, 0, 0,
	  NEEDS_REDIS, ctl_status },
	{ "top", "", "the same, again each second, until q", 0, 0, 0,
	  NEEDS_REDIS, ctl_top },
	{ "list", "[--state STATES] [--since TIME] [--reason TEXT]\n"
	  "\t[--kind KIND] [--limit N] [--long] [--addresses]",
	  "jobs, without those that were sent unless --state says so",
	  CTL_STATE | CTL_SINCE | CTL_REASON | CTL_KIND | CTL_LIMIT |
	  CTL_LONG | CTL_ADDRESSES, 0, 0, NEEDS_REDIS, ctl_list },
	{ "show", "ID [--addresses]", "a job's whole story",
	  CTL_ADDRESSES, 1, 1, NEEDS_REDIS, ctl_show },
	{ "requeue", "ID... | --all | [--reason TEXT] [--kind KIND]\n"
	  "\t[--since TIME] [--state dead,retry,held]",
	  "try dead letters again, or what is set aside at once",
	  CHOICE | CTL_STATE, 0, ANY_COUNT, NEEDS_REDIS, ctl_requeue },
	{ "bury", "ID... | [--reason TEXT] [--kind KIND] [--since TIME] | --all",
	  "make waiting jobs dead letters", CHOICE, 0, ANY_COUNT, NEEDS_REDIS,
	  ctl_bury },
	{ "cancel", "ID... | [--reason TEXT] [--kind KIND] [--since TIME]"
	  " | --all", "the same, as not wanted any more", CHOICE, 0, ANY_COUNT,
	  NEEDS_REDIS, ctl_cancel },
	{ "purge", "--older-than TIME [--state dead|sent|malformed]",
	  "forget dead letters", CTL_OLDER_THAN | CTL_STATE | CTL_YES, 0, 0,
	  NEEDS_REDIS, ctl_purge },
	{ "pause", "queue | lane:bulk | kind:KIND | relay:NAME [REASON]",
	  "begin no more such jobs until resume", 0, 1, ANY_COUNT, NEEDS_REDIS,
	  ctl_pause },
	{ "resume", "queue | lane:bulk | kind:KIND | relay:NAME | --all",
	  "end a pause", CTL_ALL, 0, 1, NEEDS_REDIS, ctl_resume },
	{ "drain", "[--timeout TIME]",
	  "wait until nothing is left that could be sent now", CTL_TIMEOUT, 0,
	  0, NEEDS_REDIS, ctl_drain },
	{ "enqueue", "[--check] FILE...",
	  "check envelopes and have their mails sent; - is standard input;\n"
	  "\twith --check check only", CTL_CHECK, 1, ANY_COUNT, NEEDS_REDIS,
	  ctl_enqueue },
	{ "explain", "[--recipient ADDRESS] --stage STAGE REPLY",
	  "what maild makes of a mail server's answer; without REPLY of each\n"
	  "\tline of standard input: stage, tab, reply",
	  CTL_STAGE | CTL_RECIPIENT, 0, ANY_COUNT, NEEDS_NOTHING,
	  ctl_explain },
	{ "check-templates", "", "try every mail template of this host", 0, 0,
	  0, NEEDS_SETTINGS, ctl_check_templates },
};

static void usage(FILE *out)
{
	(void)fputs("usage: maildctl [-c FILE] COMMAND [--json] ...\n"
		    "  -c FILE  maild's settings, instead of " CONF_FILE "\n"
		    "  -V       print the version\n"
		    "  -h       print this text\n"
		    "  --yes    behind a command that asks first: yes\n", out);
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++)
		(void)fprintf(out, "\n  %s%s%s\n\t%s\n", commands[i].name,
			      *commands[i].args ? " " : "", commands[i].args,
			      commands[i].help);
}

static void command_usage(const struct command *command, FILE *out)
{
	(void)fprintf(out, "usage: maildctl [-c FILE] %s [--json]%s%s%s\n",
		      command->name, command->options & CTL_YES ? " [--yes]"
								: "",
		      *command->args ? " " : "", command->args);
}

static int by_fault(const struct fault *why)
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

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* Runs a command with a connection, which opens itself when it is needed. */
static int run_with_redis(const struct command *command, struct ctl *ctl,
			  struct fault *why)
{
	struct rconn_opts opts;
	struct rconn *r;
	int status;

	if (mailconf_redis_secrets_read(&ctl->conf, why) == -1)
		return EX_CONFIG;
	opts = mailconf_redis(&ctl->conf, CONNECT_LIMIT_MS, COMMAND_LIMIT_MS);
	r = rconn_new(&opts, why);
	if (!r)
		return EX_CONFIG;
	ctl->q = queue_new(r, ctl->conf.queue_prefix);
	status = command->run(ctl, why);
	queue_free(ctl->q);
	rconn_free(r);
	return status;
}

static int run(const struct command *command, const char *conf_path,
	       const struct ctl_args *args, struct fault *why)
{
	struct ctl ctl = { .args = args, .screen = ctl_screen_read() };
	int status;

	if (command->needs == NEEDS_NOTHING || (args->check && args->count))
		return command->run(&ctl, why);
	if (mailconf_load(conf_path, &ctl.conf, why) == -1)
		return EX_CONFIG;
	if (command->needs == NEEDS_REDIS)
		status = run_with_redis(command, &ctl, why);
	else
		status = command->run(&ctl, why);
	mailconf_release(&ctl.conf);
	return status;
}

/* Reads what follows the command's name.  0, or -1 with *why. */
static int words_read(const struct command *command, int argc, char **argv,
		      struct ctl_args *args, struct fault *why)
{
	if (ctl_args_read(argc, argv, command->options | CTL_JSON | CTL_HELP,
			  args, why) == -1)
		return -1;
	if (args->help)
		return 0;
	if (args->count < command->least)
		return fault_set(why, FAULT_REJECT, "%s needs more words",
				 command->name);
	if (args->count > command->most)
		return fault_set(why, FAULT_REJECT, "unexpected \"%s\"",
				 args->words[command->most]);
	return 0;
}

/* A monitoring system knows 0 to 3 and reads standard output. */
static bool is_asked_by_monitoring(const struct command *command, int argc,
				   char **argv)
{
	for (int i = 1; command->run == ctl_status && i < argc; i++)
		if (!strcmp(argv[i], "--check"))
			return true;
	return false;
}

static int say_unknown(const struct ctl_args *args, const char *text)
{
	struct buf line = BUF_INIT;

	buf_addf(&line, "MAILD UNKNOWN - %s", text);
	ctl_check_say(args->json, CHECK_UNKNOWN, line.data);
	buf_release(&line);
	return CHECK_UNKNOWN;
}

static int command_run(const struct command *command, const char *conf_path,
		       int argc, char **argv)
{
	struct fault why = { .class = FAULT_NONE };
	/* Reading the words changes their order. */
	bool monitored = is_asked_by_monitoring(command, argc, argv);
	struct ctl_args args;
	int status;

	if (words_read(command, argc, argv, &args, &why) == -1) {
		if (monitored)
			return say_unknown(&args, why.text);
		(void)fprintf(stderr, "maildctl: %s\n", why.text);
		command_usage(command, stderr);
		return EX_USAGE;
	}
	if (args.help) {
		command_usage(command, stdout);
		(void)printf("\t%s\n", command->help);
		return EX_OK;
	}
	status = run(command, conf_path, &args, &why);
	if (status == CTL_BY_FAULT)
		status = by_fault(&why);
	if (monitored && status > CHECK_WORST)
		status = say_unknown(&args, why.text);
	else if (status && *why.text)
		(void)fprintf(stderr, "maildctl: %s\n", why.text);
	if (fflush(stdout) || ferror(stdout)) {
		perror("maildctl: standard output");
		return monitored ? CHECK_UNKNOWN : EX_IOERR;
	}
	return status;
}

int main(int argc, char **argv)
{
	const char *conf_path = CONF_FILE;
	const struct command *command;
	int option;

	(void)signal(SIGPIPE, SIG_IGN);
	tzset();
	while ((option = getopt(argc, argv, "+c:Vh")) != -1) {
		switch (option) {
		case 'c':
			conf_path = optarg;
			break;
		case 'V':
			(void)puts("maildctl " PACKAGE_VERSION);
			return EX_OK;
		case 'h':
			usage(stdout);
			return EX_OK;
		default:
			usage(stderr);
			return EX_USAGE;
		}
	}
	command = optind < argc ? command_find(argv[optind]) : NULL;
	if (!command) {
		if (optind < argc)
			(void)fprintf(stderr, "maildctl: no command \"%s\"; "
				      "maildctl -h lists them\n", argv[optind]);
		else
			usage(stderr);
		return EX_USAGE;
	}
	return command_run(command, conf_path, argc - optind, argv + optind);
}
