/* SPDX-License-Identifier: MIT */
/* bookctl: what operators do to the booking program's data. */
#include "config.h"

#include "base/fdio.h"
#include "base/logger.h"
#include "base/str.h"
#include "bookctl/bookctl.h"
#include "queue/queue.h"
#include "redis/rconn.h"
#include "store/store.h"

#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* Changing a big table takes its time. */
#define CALL_LIMIT_S 600
#define REDIS_LIMIT_MS 1000

struct command {
	const char *name;
	const char *args;
	const char *help;	/* NULL = it is not told of */
	ctl_run *run;
};

static const struct command commands[] = {
	{ "migrate", "[--json]", "bring the database's schema up to date",
	  ctl_migrate },
	{ "restored", "[--json]",
	  "after a restore: have no number given out twice", ctl_restored },
	{ "doctor", "[--mend] [--json]",
	  "tell what does not fit in the database, and what to do; 1 = there\n"
	  "\tis something", ctl_doctor },
	{ "sample", "", "add sample services and slots for the next 30 days",
	  ctl_sample },
	{ "service",
	  "add --slug SLUG --name NAME --zone ZONE [--description TEXT]\n"
	  "\t[--place TEXT] [--language TAG] [--notice TIME] "
	  "[--reminder TIME]\n"
	  "\t[--offer TIME] [--organiser-name NAME] "
	  "[--organiser-email ADDRESS]\n"
	  "\t[--organiser-mails yes|no] [--json]\n"
	  "\tchange --slug SLUG [the other options of add]\n"
	  "\tlist [--json]\n\tshow SLUG [--json]",
	  "services; add prints the new one's id, change changes what is\n"
	  "\tgiven; a TIME is 30min, 24h or 2d", ctl_service },
	{ "key",
	  "add --form NAME --origin ORIGIN ... [--return ADDRESS ...] [--json]\n"
	  "\tadd --api NAME [--read-only] [--json]\n"
	  "\tlist [--json]\n\trevoke --form KEY | --api NAME [--json]",
	  "keys: of forms on other sites, which pages may hold them and where\n"
	  "\tvisitors may be sent afterwards; and of programs that use the\n"
	  "\tadmin interface; add prints the key, that of a program this once",
	  ctl_key },
	{ "feed",
	  "add NAME [--service SLUG] [--names] [--json]\n"
	  "\tlist [--json]\n\trotate NAME [--json]\n\trevoke NAME [--json]",
	  "calendars that organisers subscribe to; add and rotate print the\n"
	  "\tsecret address, this once", ctl_feed },
	{ "bookings", "[--service SLUG] [--from DAY] [--until DAY] [--text TEXT]\n"
	  "\t[--limit N] [--json]",
	  "list bookings by time; TEXT begins an address or stands in a name",
	  ctl_bookings },
	{ "trace", "REFERENCE [--json]",
	  "tell a booking's whole story", ctl_trace },
	{ "resend", "REFERENCE [--json]",
	  "send a booking's confirmation again", ctl_resend },
	{ "cancel", "REFERENCE [--reason TEXT] [--json]",
	  "cancel a booking; a mail tells the visitor, and why", ctl_cancel },
	{ "email", "REFERENCE --address ADDRESS [--json]",
	  "correct a visitor's address; the confirmation goes there",
	  ctl_email },
	{ "retry", "REFERENCE --mail ID [--json]",
	  "try a mail again that was given up", ctl_retry },
	{ "abort", "REFERENCE --mail ID [--json]",
	  "withdraw a mail that waits", ctl_abort },
	{ "erase", "REFERENCE | --address ADDRESS [--json]",
	  "erase a visitor's data; what is ahead is cancelled", ctl_erase },
	{ "export", "[--service SLUG] [--from DAY] [--until DAY] [--json]",
	  "print bookings as CSV; the days are YYYY-MM-DD in UTC",
	  ctl_export },
	{ "retention", "[--json]",
	  "erase now what is older than the setting retention",
	  ctl_retention },
	{ "slots", "list --service SLUG [--from DAY] [--until DAY] [--json]\n"
	  "\tadd --service SLUG --start YYYY-MM-DDTHH:MM --capacity N\n"
	  "\t[--duration 30min] [--count N] [--json]\n"
	  "\tgenerate --service SLUG --from DAY --until DAY --hours HOURS\n"
	  "\t--capacity N [--minutes N] [--closed DAYS] [--dry-run] [--json]\n"
	  "\tcapacity ID --capacity N [--json]\n"
	  "\tclose ID [--json]\n\topen ID [--json]\n\tremove ID [--json]",
	  "list a service's slots, add one or several in a row (prints each\n"
	  "\tid), or make them from opening hours, as\n"
	  "\t\"mon-fri 09:00-12:00 14:00-17:00; sat 10:00-12:00\";\n"
	  "\ttimes are those of the service's zone", ctl_slots },
	{ "mails", "[--state STATE] [--cause WORD] [--limit N] [--json]",
	  "list mails, the newest first; a STATE is open, sent, dead, expired\n"
	  "\tor aborted, a WORD what stands before a reply's colon",
	  ctl_mails },
	{ "log", "[--limit N] [--json]",
	  "tell who did what, the newest first", ctl_log },
	{ "stats", "[--json]", "count bookings and mails", ctl_stats },
	{ "check-templates", "[--json]",
	  "tell what is wrong with pages and languages, with file and line,\n"
	  "\tand what a language lacks", ctl_check_templates },
	/* The names that these had before. */
	{ "service-add", "", NULL, ctl_service_add },
	{ "service-change", "", NULL, ctl_service_change },
	{ "service-list", "", NULL, ctl_service_list },
	{ "slot-add", "", NULL, ctl_slot_add },
};

static void usage(FILE *out)
{
	fputs("usage: bookctl [-c FILE] COMMAND\n"
	      "  -c FILE  settings, instead of " APPCONF_FILE "\n"
	      "  -V       print the version\n"
	      "  -h       print this text\n", out);
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++)
		if (commands[i].help)
			fprintf(out, "\n  %s %s\n\t%s\n", commands[i].name,
				commands[i].args, commands[i].help);
}

int ctl_status(const struct fault *why)
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

/* Who runs it; what sudo says comes from root. */
static void actor_name(char *out, size_t size)
{
	const struct passwd *user = getpwuid(getuid());
	const char *name = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	char shown[64];

	if (!name)
		name = user ? user->pw_name : "?";
	(void)snprintf(out, size, "shell:%s",
		       str_printable(shown, sizeof(shown) - 10, name));
}

/* The passwords of Redis are needed by some commands only: where their files
 * cannot be read the queue is left alone. */
static int queue_make(struct ctl *ctl, struct rconn **redis, struct fault *why)
{
	const struct appconf *conf = &ctl->conf;
	struct appconf_secrets s = { .redis_password = NULL };
	struct fault unread;
	int r = 0;

	if ((!*conf->redis_password_file ||
	     secret_read(conf->redis_password_file, &s.redis_password,
			 &unread) == 0) &&
	    (!*conf->redis_sentinel_password_file ||
	     secret_read(conf->redis_sentinel_password_file,
			 &s.redis_sentinel_password, &unread) == 0)) {
		const struct rconn_opts opts = appconf_redis(
			conf, &s, REDIS_LIMIT_MS, REDIS_LIMIT_MS);

		*redis = rconn_new(&opts, why);
		if (*redis)
			ctl->queue = queue_new(*redis, conf->queue_prefix);
		else
			r = -1;
	}
	appconf_secrets_release(&s);
	return r;
}

static int run(const struct command *command, struct ctl *ctl, int argc,
	       char **argv, struct fault *why)
{
	const struct appconf *conf = &ctl->conf;
	struct dbconn_opts opts = {
		.socket = conf->mysql_socket,
		.host = conf->mysql_host,
		.port = (unsigned)conf->mysql_port,
		.user = conf->mysql_user,
		.database = conf->mysql_database,
		.call_limit_s = CALL_LIMIT_S,
	};
	char *password = NULL;
	struct rconn *redis = NULL;
	int status = EX_CONFIG;

	/* Needs neither database nor queue, nor their passwords. */
	if (command->run == ctl_check_templates)
		return command->run(ctl, argc, argv, why);
	if (*conf->mysql_password_file &&
	    secret_read(conf->mysql_password_file, &password, why) < 0)
		return EX_CONFIG;
	opts.password = password;
	if (queue_make(ctl, &redis, why) == 0) {
		ctl->db = dbconn_new(&opts);
		ctl->store = store_new(ctl->db);
		actor_name(ctl->actor, sizeof(ctl->actor));
		status = command->run(ctl, argc, argv, why);
		store_free(ctl->store);
		dbconn_free(ctl->db);
	}
	queue_free(ctl->queue);
	rconn_free(redis);
	secret_free(password);
	return status;
}

static int settings_and_run(const struct command *command,
			    const char *conf_path, int argc, char **argv)
{
	struct ctl ctl = { .db = NULL };
	struct fault why = { .class = FAULT_NONE };
	int status = EX_CONFIG;

	if (appconf_load(conf_path, &ctl.conf, &why) == 0) {
		status = run(command, &ctl, argc, argv, &why);
		appconf_release(&ctl.conf);
	}
	if (status && *why.text)
		fprintf(stderr, "bookctl: %s\n", why.text);
	if (status == EX_USAGE && !command->help)
		fputs("usage: see bookctl service, bookctl slots\n", stderr);
	else if (status == EX_USAGE)
		fprintf(stderr, "usage: bookctl [-c FILE] %s %s\n",
			command->name, command->args);
	return status;
}

int main(int argc, char **argv)
{
	const char *conf_path = APPCONF_FILE;
	const struct command *command;
	int option;

	signal(SIGPIPE, SIG_IGN);
	while ((option = getopt(argc, argv, "+c:Vh")) != -1) {
		switch (option) {
		case 'c':
			conf_path = optarg;
			break;
		case 'V':
			puts("bookctl " PACKAGE_VERSION);
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
		usage(stderr);
		return EX_USAGE;
	}

	int skip = optind;

	optind = 0;	/* the subcommand's options are another getopt run */
	return settings_and_run(command, conf_path, argc - skip, argv + skip);
}
