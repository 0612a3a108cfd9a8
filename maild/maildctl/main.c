/* SPDX-License-Identifier: MIT */
/* maildctl: the queue in the hands of its operator.  Only wires. */
#include "config.h"

#include "maildctl/maildctl.h"
#include "maildctl/snapshot.h"

#include "base/buf.h"
#include "base/fdio.h"
#include "base/logger.h"
#include "redis/rconn.h"

#include <string.h>
#include <sysexits.h>
#include <time.h>

#define CONF_FILE SYSCONFDIR "/reservoir/maild.conf"
#define CONNECT_LIMIT_MS 5000
#define COMMAND_LIMIT_MS 10000
#define CHECK_WORST 2		/* CRITICAL */
#define CHECK_UNKNOWN 3

/* What is opened before a command runs. */
enum needs {
	NOTHING,
	SETTINGS,
	REDIS,
};

static const struct cli_command commands[] = {
	{ "status", "", "queues, workers, relays, pauses and counters", REDIS,
	  ctl_status },
	{ "status", "--check [--warn LIMITS] [--crit LIMITS] [--here] [--smtp]",
	  "one line and a status for a monitoring system", REDIS, ctl_status },
	{ "top", "", "the same picture, renewed each second, until q", REDIS,
	  ctl_top },
	{ "list",
	  "[--state STATES] [--since TIME] [--reason TEXT] [--kind KIND] "
	  "[--limit N] [-l | --long] [--addresses]",
	  "jobs, without those that were sent unless --state says so", REDIS,
	  ctl_list },
	{ "list", "--state malformed [-l | --long] [--addresses]",
	  "envelopes that could not be read", REDIS, ctl_list },
	{ "show", "ID [--addresses]", "a job's whole story", REDIS, ctl_show },
	{ "requeue", "ID ... [-y | --yes]",
	  "try dead letters again, and at once what was set aside", REDIS,
	  ctl_change },
	{ "requeue",
	  "--all | [--reason TEXT] [--kind KIND] [--since TIME] [--state "
	  "dead,retry,held] [-y | --yes]",
	  "the same for all, or for those that match", REDIS, ctl_change },
	{ "cancel",
	  "ID ... | --all | [--reason TEXT] [--kind KIND] [--since TIME] [-y "
	  "| --yes]", "make waiting jobs dead letters, not wanted any more",
	  REDIS, ctl_change },
	{ "bury",
	  "ID ... | --all | [--reason TEXT] [--kind KIND] [--since TIME] [-y "
	  "| --yes]", "make waiting jobs dead letters, to be looked at", REDIS,
	  ctl_change },
	{ "purge", "--older-than LENGTH [--state dead|sent] [-y | --yes]",
	  "forget dead letters, or that mails were sent", REDIS, ctl_purge },
	{ "purge", "--state malformed [-y | --yes]",
	  "throw away the envelopes that could not be read", REDIS, ctl_purge },
	{ "pause", "WHAT [REASON ...]",
	  "start no more such jobs until resume; WHAT is queue, lane:bulk, "
	  "kind:KIND or relay:NAME", REDIS, ctl_pause },
	{ "resume", "WHAT | --all", "end a pause, or all of them", REDIS,
	  ctl_resume },
	{ "drain", "[--timeout LENGTH]",
	  "wait until nothing is left that could be sent now", REDIS,
	  ctl_drain },
	{ "enqueue", "[--check] FILE ...",
	  "check envelopes and have their mails sent; - is standard input; "
	  "with --check check only", REDIS, ctl_enqueue },
	{ "explain", "[--recipient ADDRESS] [--stage STAGE] [REPLY ...]",
	  "what maild makes of a mail server's answer; without REPLY of each "
	  "line of standard input: stage, tab, reply", NOTHING, ctl_explain },
	{ "check-templates", "", "try every mail template of this host",
	  SETTINGS, ctl_check_templates },
};

static const struct cli_value values[] = {
	{ "FILE", "" },
	{ "STAGE", "connect EHLO STARTTLS TLS AUTH MAIL RCPT DATA dot" },
	{ "STATES", "queued sending unanswered retry held dead sent" },
	{ "TEXT", "rejected expired poison uncertain cancelled" },
	{ "WHAT", "queue lane:bulk kind: relay:" },
};

/* Runs a command with a connection, which opens by itself when needed. */
static int run_with_redis(cli_run *command, struct ctl *ctl, struct fault *why)
{
	struct rconn_opts opts;
	struct rconn *r;
	int status;

	if (redis_secrets_read(&ctl->conf.redis, &ctl->conf.redis_secrets,
			       why) == -1)
		return EX_CONFIG;
	opts = mailconf_redis(&ctl->conf, CONNECT_LIMIT_MS, COMMAND_LIMIT_MS);
	r = rconn_new(&opts, why);
	if (!r)
		return EX_CONFIG;
	ctl->q = queue_new(r, ctl->conf.redis.prefix);
	status = command(ctl, why);
	queue_free(ctl->q);
	rconn_free(r);
	return status;
}

static int run(const struct cli_call *call, struct fault *why)
{
	const struct cli_command *command = call->command;
	struct ctl ctl = { .call = call, .json = cli_flag(call, "json"),
			   .screen = ctl_screen_read() };
	int status;

	if (command->needs == NOTHING ||
	    (call->word_count && cli_flag(call, "check")))
		return command->run(&ctl, why);
	if (mailconf_load(call->conf_path, &ctl.conf, why) == -1)
		return EX_CONFIG;
	if (command->needs == REDIS)
		status = run_with_redis(command->run, &ctl, why);
	else
		status = command->run(&ctl, why);
	mailconf_release(&ctl.conf);
	return status;
}

/* A monitoring system knows 0 to 3 and reads standard output. */
static int ended(const struct cli_call *call, int status,
		 const struct fault *why)
{
	bool is_monitored = false;
	struct buf line = BUF_INIT;

	/* What follows a mistake was not read. */
	for (int i = 1; call->command->run == ctl_status && i < call->argc; i++)
		if (!strcmp(call->argv[i], "--check"))
			is_monitored = true;
	if (!is_monitored || status <= CHECK_WORST)
		return status;
	buf_addf(&line, "MAILD UNKNOWN - %s", why->text);
	ctl_check_say(cli_flag(call, "json"), CHECK_UNKNOWN, line.data);
	buf_release(&line);
	return CHECK_UNKNOWN;
}

int main(int argc, char **argv)
{
	static const struct cli maildctl = {
		.name = "maildctl",
		.conf_path = CONF_FILE,
		.common = "[--json]",
		.is_strict = true,
		.commands = commands,
		.command_count = ARRAY_COUNT(commands),
		.values = values,
		.value_count = ARRAY_COUNT(values),
		.run = run,
		.ended = ended,
	};

	tzset();
	return cli_main(&maildctl, argc, argv);
}
