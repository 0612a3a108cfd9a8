/* SPDX-License-Identifier: MIT */
/* bookctl: what operators do to the booking program's data. */
#include "config.h"

#include "base/fdio.h"
#include "base/str.h"
#include "bookctl/bookctl.h"
#include "cli/progress.h"
#include "queue/queue.h"
#include "redis/rconn.h"
#include "store/store.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* Changing a big table takes its time. */
#define CALL_LIMIT_S 600
#define REDIS_LIMIT_MS 1000

/* What is opened before a command runs. */
enum needs {
	STORE,		/* database and queue */
	SETTINGS,
};

/* The options of a service but those that a new one must have. */
#define REST_NAME(option)
#define REST_SLUG(option)
#define REST_ZONE(option)
#define REST_LINE(option) "[--" option " TEXT] "
#define REST_LINES(option) "[--" option " TEXT] "
#define REST_LANGUAGE(option) "[--" option " TAG] "
#define REST_NOUN(option) "[--" option " NOUN] "
#define REST_ADDRESS(option) "[--" option " ADDRESS] "
#define REST_MINUTES(option) "[--" option " LENGTH] "
#define REST_CONFIRM(option) "[--" option " LENGTH] "
#define REST_YES_NO(option) "[--" option " yes|no] "
#define REST(type, kind, member, column, field, option, ...) \
	REST_##kind(option)
#define SERVICE_REST SERVICE_MEMBERS(REST) "[--json]"

static const struct cli_command commands[] = {
	{ "migrate", "[--json]", "bring the database's schema up to date",
	  STORE, ctl_migrate },
	{ "restored", "[--json]",
	  "after a restore: see that no number is given out twice", STORE,
	  ctl_restored },
	{ "doctor", "[--mend] [--json]",
	  "report what is inconsistent in the database, and what to do about "
	  "it; 1 = something is left", STORE, ctl_doctor },
	{ "sample", "", "add sample services and slots for the next 30 days",
	  STORE, ctl_sample },
	{ "service add",
	  "--name NAME [--slug SLUG] [--zone ZONE] " SERVICE_REST,
	  "add a service and print its id; a LENGTH is 30min, 24h or 2d", STORE,
	  ctl_service_add },
	{ "service change",
	  "--slug SLUG [--name NAME] [--zone ZONE] [--lang TAG] [--tell] "
	  SERVICE_REST,
	  "change what is given of a service; --lang: name, description and "
	  "place as readers of that language see them; --tell: those who have "
	  "booked get a mail about another name or place", STORE,
	  ctl_service_change },
	{ "service list", "[--json]", "list services", STORE,
	  ctl_service_list },
	{ "service show", "SLUG [--json]",
	  "show everything about one service", STORE, ctl_service_show },
	{ "question add",
	  "--service SLUG --name NAME --kind KIND --label TEXT "
	  "[--options LIST] [--required yes|no] [--per-seat yes|no] "
	  "[--position N] [--json]",
	  "have a service ask something; a KIND is text, lines, choice, box or "
	  "phone, a LIST \"one; another\"", STORE, ctl_question_add },
	{ "question change",
	  "--service SLUG --name NAME [--lang TAG] [--label TEXT] "
	  "[--options LIST] [--required yes|no] [--per-seat yes|no] "
	  "[--position N] [--json]",
	  "change a question, or its texts in another language", STORE,
	  ctl_question_change },
	{ "question list", "--service SLUG [--json]",
	  "list what a service asks, and what it asked before", STORE,
	  ctl_question_list },
	{ "question restore", "--service SLUG --name NAME [--json]",
	  "ask again what was retired", STORE, ctl_question_restore },
	{ "question retire", "--service SLUG --name NAME [--json]",
	  "stop asking a question; the answers that were given stay", STORE,
	  ctl_question_retire },
	{ "key add",
	  "--form NAME --origin ORIGIN ... [--return ADDRESS ...] [--json]",
	  "add and print the key of a form on other sites, which pages may "
	  "hold it and where visitors may be sent afterwards", STORE,
	  ctl_key_add },
	{ "key add", "--api NAME [--read-only] [--json]",
	  "add and print, this once, the key of a program that uses the admin "
	  "interface", STORE, ctl_key_add },
	{ "key list", "[--json]", "list keys", STORE, ctl_key_list },
	{ "key revoke", "--form KEY | --api NAME [--json]",
	  "let a form or a program in no longer", STORE, ctl_key_revoke },
	{ "feed add", "NAME [--service SLUG] [--names] [--json]",
	  "make a calendar that organisers subscribe to, and print its secret "
	  "address, this once", STORE, ctl_feed_add },
	{ "feed list", "[--json]", "list calendars", STORE, ctl_feed_list },
	{ "feed rotate", "NAME [--json]",
	  "give a calendar another address, and print it, this once", STORE,
	  ctl_feed_rotate },
	{ "feed revoke", "NAME [--json]", "end a calendar", STORE,
	  ctl_feed_revoke },
	{ "bookings",
	  "[--service SLUG] [--from DAY] [--until DAY] [--text TEXT] [--limit "
	  "N] [--json]",
	  "list bookings by time; TEXT begins an address or stands in a name",
	  STORE, ctl_bookings },
	{ "trace", "REFERENCE [--json]", "tell a booking's whole story", STORE,
	  ctl_trace },
	{ "resend", "REFERENCE [--json]",
	  "send a booking's confirmation again, or the mail with the link to a "
	  "place in a waiting list or to a booking that is to be confirmed",
	  STORE, ctl_change },
	{ "cancel", "REFERENCE [--reason TEXT] [--json]",
	  "cancel a booking; a mail tells the visitor, and why", STORE,
	  ctl_change },
	{ "email", "REFERENCE --address ADDRESS [--json]",
	  "correct a visitor's address; the confirmation goes there", STORE,
	  ctl_change },
	{ "retry", "REFERENCE --mail ID [--json]",
	  "try again to send a mail that was given up", STORE, ctl_change },
	{ "abort", "REFERENCE --mail ID [--json]",
	  "withdraw a mail that was not sent yet", STORE, ctl_change },
	{ "erase", "REFERENCE | --address ADDRESS [--json]",
	  "erase a visitor's data; bookings still to come are cancelled", STORE,
	  ctl_erase },
	{ "export",
	  "[--service SLUG] [--from DAY] [--until DAY] [--separator SEPARATOR] "
	  "[--waiting] [--json]",
	  "print bookings as CSV, columns separated by comma or semicolon; a "
	  "DAY is YYYY-MM-DD in the service's zone, in UTC without one, and "
	  "both are included", STORE, ctl_export },
	{ "waiting list",
	  "--service SLUG [--from DAY] [--until DAY] [--limit N] [--json]",
	  "list who waits for a place or has a booking to confirm, by slot and "
	  "in the order of each line; a DAY is as for export", STORE,
	  ctl_waiting },
	{ "waiting add",
	  "--slot NUMBER --name NAME --email ADDRESS [--seats N] [--lang TAG] "
	  "[--json]",
	  "put somebody into the line of a slot; a mail with the link to their "
	  "place goes to them, in that language or the service's", STORE,
	  ctl_waiting_add },
	{ "waiting remove", "REFERENCE [--json]",
	  "take somebody out of the line of a slot, or end a booking that is "
	  "to be confirmed; a mail tells them", STORE, ctl_waiting_remove },
	{ "retention", "[--json]",
	  "erase now what is older than the setting retention", STORE,
	  ctl_retention },
	{ "slots list", "--service SLUG [--from DAY] [--until DAY] [--json]",
	  "list a service's slots; a DAY is as for export", STORE,
	  ctl_slots_list },
	{ "slots add",
	  "--service SLUG --start TIME --capacity N [--duration LENGTH] "
	  "[--count N] [--json]",
	  "add a slot, or several in a row, and print each id; TIME is "
	  "YYYY-MM-DDTHH:MM in the service's zone, a LENGTH 30min or 2h", STORE,
	  ctl_slots_add },
	{ "slots generate",
	  "--service SLUG --from DAY --until DAY --hours HOURS --capacity N "
	  "[--minutes N] [--closed DAYS] [--dry-run] [--json]",
	  "make slots from opening hours, as \"mon-fri 09:00-12:00 "
	  "14:00-17:00; sat 10:00-12:00\"", STORE, ctl_slots_generate },
	{ "slots capacity", "NUMBER --capacity N [--json]",
	  "change how many places a slot has", STORE, ctl_slots_change },
	{ "slots close", "NUMBER [--json]", "let nobody book a slot any more",
	  STORE, ctl_slots_change },
	{ "slots open", "NUMBER [--json]", "let visitors book a slot again",
	  STORE, ctl_slots_change },
	{ "slots remove", "NUMBER [--json]",
	  "remove a slot that nobody ever booked", STORE, ctl_slots_remove },
	{ "slots realign", "[--service SLUG] [--tell] [--dry-run] [--json]",
	  "move slots that new time zones have moved back to the time that "
	  "was promised; --tell tells those who have booked; 1 = not all",
	  STORE, ctl_slots_realign },
	{ "mails", "[--state STATE] [--cause WORD] [--limit N] [--json]",
	  "list mails, the newest first; a STATE is open, sent, dead, expired "
	  "or aborted, a WORD what stands before a reply's colon", STORE,
	  ctl_mails },
	{ "log", "[--limit N] [--json]", "tell who did what, the newest first",
	  STORE, ctl_log },
	{ "stats", "[--json]", "count bookings and mails", STORE, ctl_stats },
	{ "check-templates", "[--json]",
	  "tell what is wrong with pages and languages, with file and line, "
	  "and what a language lacks", SETTINGS, ctl_check_templates },
	/* Old names of commands, which still work. */
	{ "key add", "[--name NAME]", NULL, STORE, ctl_key_add },
	{ "key revoke", "[KEY]", NULL, STORE, ctl_key_revoke },
	{ "waiting", "waiting list", NULL, STORE, NULL },
	{ "service-add", "service add", NULL, STORE, NULL },
	{ "service-change", "service change", NULL, STORE, NULL },
	{ "service-list", "service list", NULL, STORE, NULL },
	{ "slot-add", "slots add", NULL, STORE, NULL },
};

static const struct cli_value values[] = {
	{ "KIND", "text lines choice box phone" },
	{ "SEPARATOR", "comma semicolon" },
	{ "STATE", "open sent dead expired aborted" },
	{ "ZONE", "UTC $(sed -n 's/^[^#\\t][^\\t]*\\t[^\\t]*\\t"
	  "\\([^\\t]*\\).*/\\1/p' /usr/share/zoneinfo/zone1970.tab "
	  "2>/dev/null)" },
};

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
	struct redis_secrets s;
	struct fault unread;
	struct rconn_opts opts;

	if (redis_secrets_read(&conf->redis, &s, &unread) < 0)
		return 0;
	opts = redisconf_opts(&conf->redis, &s, REDIS_LIMIT_MS,
			      REDIS_LIMIT_MS);
	*redis = rconn_new(&opts, why);
	if (*redis)
		ctl->queue = queue_new(*redis, conf->redis.prefix);
	redis_secrets_release(&s);
	return *redis ? 0 : -1;
}

static int store_run(struct ctl *ctl, struct fault *why)
{
	struct appconf *conf = &ctl->conf;

	appconf_account_use(conf, &conf->bookctl);

	struct dbconn_opts opts = appconf_database(conf);
	char *password = NULL;
	struct rconn *redis = NULL;
	int status = EX_CONFIG;

	if (*conf->mysql_password_file &&
	    secret_read(conf->mysql_password_file, &password, why) < 0)
		return EX_CONFIG;
	opts.password = password;
	opts.call_limit_s = CALL_LIMIT_S;
	if (queue_make(ctl, &redis, why) == 0) {
		ctl->db = dbconn_new(&opts);
		ctl->store = store_new(ctl->db);
		store_calendar_set(ctl->store, ctl->conf.message_domain,
				   ctl->conf.mail_from_address);
		store_ref_prefix_set(ctl->store, ctl->conf.ref_prefix);
		actor_name(ctl->actor, sizeof(ctl->actor));
		status = ctl->call->command->run(ctl, why);
		store_free(ctl->store);
		dbconn_free(ctl->db);
	}
	queue_free(ctl->queue);
	rconn_free(redis);
	secret_free(password);
	return status;
}

static void tell(void *arg, int64_t done, int64_t of)
{
	(void)arg;
	cli_progress(done, of);
}

void ctl_watch(struct ctl *ctl, const char *what, bool lines)
{
	cli_progress_begin(what, lines);
	store_watch(ctl->store, (struct store_watcher){ tell, NULL });
}

static int run(const struct cli_call *call, struct fault *why)
{
	struct ctl ctl = {
		.call = call,
		.by = { .name = ctl.actor, .request_id = "",
			.organiser = true },
		.json = cli_flag(call, "json"),
	};
	int status;

	if (appconf_load(call->conf_path, &ctl.conf, why) < 0)
		return EX_CONFIG;
	status = call->command->needs == STORE ?
		store_run(&ctl, why) : call->command->run(&ctl, why);
	appconf_release(&ctl.conf);
	return status;
}

int main(int argc, char **argv)
{
	static const struct cli bookctl = {
		.name = "bookctl",
		.conf_path = APPCONF_FILE,
		.common = "",
		.commands = commands,
		.command_count = ARRAY_COUNT(commands),
		.values = values,
		.value_count = ARRAY_COUNT(values),
		.run = run,
	};

	return cli_main(&bookctl, argc, argv);
}
