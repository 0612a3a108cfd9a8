/* SPDX-License-Identifier: MIT */
/* reservoir-bounce: reads one mail that came back, and tells the queue. */
#include "config.h"

#include "base/buf.h"
#include "base/logger.h"
#include "base/str.h"
#include "bounce/keep.h"
#include "bounce/report.h"
#include "bounce/trace.h"
#include "queue/fate.h"
#include "redis/rconn.h"
#include "settings/mailconf.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#define PROGRAM "reservoir-bounce"
#define CONNECT_LIMIT_MS 5000
#define COMMAND_LIMIT_MS 10000
#define INPUT_LIMIT_S 300	/* for the whole mail to arrive */
#define READING_LIMIT_S 20	/* for making sense of it */

struct opts {
	const char *conf_path;
	const char *recipient;	/* "" = not told */
	bool dry;		/* say what would be told */
};

/* What a mail turned out to be. */
struct finding {
	struct report report;
	struct trace trace;
};

static volatile sig_atomic_t late_status;

static void too_late(int number)
{
	static const char words[] = PROGRAM ": no end within the limits\n";

	(void)number;
	(void)!write(STDERR_FILENO, words, sizeof(words) - 1);
	_exit(late_status);
}

/* If we are not done in time, we end with this status. */
static void limit(unsigned seconds, int status)
{
	late_status = status;
	(void)alarm(seconds);
}

static void usage(FILE *out)
{
	(void)fputs("usage: " PROGRAM " [-c FILE] [-n] [RECIPIENT]\n"
		    "Reads one mail that came back from standard input.\n"
		    "  -c FILE    maild's settings ("
		    SYSCONFDIR "/reservoir/maild.conf)\n"
		    "  -n         only say what the mail is\n"
		    "  -h, -V     this help; the version\n"
		    "RECIPIENT is the address that the mail was sent to.\n",
		    out);
}

/* -1 = go on, else the exit status. */
static int options(int argc, char **argv, struct opts *opts)
{
	int letter;

	*opts = (struct opts){
		.conf_path = SYSCONFDIR "/reservoir/maild.conf",
		.recipient = "",
	};
	while ((letter = getopt(argc, argv, "c:nhV")) != -1) {
		switch (letter) {
		case 'c':
			opts->conf_path = optarg;
			break;
		case 'n':
			opts->dry = true;
			break;
		case 'h':
			usage(stdout);
			return EX_OK;
		case 'V':
			(void)puts(PROGRAM " " PACKAGE_VERSION);
			return EX_OK;
		default:
			usage(stderr);
			return EX_USAGE;
		}
	}
	if (argc - optind > 1) {
		usage(stderr);
		return EX_USAGE;
	}
	if (optind < argc)
		opts->recipient = argv[optind];
	return -1;
}

/* ---- the mail ------------------------------------------------------------ */

/* Reads all of standard input, so that its writer can finish, and keeps the
 * first REPORT_BYTES_MAX of it; NULs become blanks.  0, or -1 with errno. */
static int input_read(struct buf *mail)
{
	char piece[16384];
	ssize_t got;

	do {
		size_t room = REPORT_BYTES_MAX - mail->len;

		got = read(STDIN_FILENO, piece, sizeof(piece));
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		for (ssize_t i = 0; i < got; i++)
			if (piece[i] == '\0')
				piece[i] = ' ';
		buf_add(mail, piece, (size_t)got < room ? (size_t)got : room);
	} while (got != 0);
	return 0;
}

static void look(const struct mailconf *conf, const struct opts *opts,
		 const struct buf *mail, struct finding *out)
{
	const struct trace_clues clues = {
		.recipient = opts->recipient, .envid = out->report.envid,
		.mail = mail->data,
	};

	report_init();
	report_read(mail->data, mail->len, &out->report);
	trace_find(conf, &clues, &out->trace);
}

/* ---- what comes of it ---------------------------------------------------- */

/* The counter for a mail that nobody is told of, NULL = somebody is. */
static const char *counter_of(const struct finding *f)
{
	switch (f->report.kind) {
	case REPORT_UNKNOWN:
		return "report_unknown";
	case REPORT_REPLY:
		return "report_reply";
	case REPORT_NO_NEWS:
		return "report_no_news";
	case REPORT_FATE:
		break;
	}
	return f->trace.id[0] ? NULL : "report_of_others";
}

static void show(const struct finding *f)
{
	const char *counter = counter_of(f);
	char text[SAID_MAX];

	if (counter)
		(void)printf("%s job=%s\n", counter, f->trace.id);
	else
		(void)printf("%s job=%s sure=%s by=%s: %s\n",
			     queue_fate_word(f->report.fate), f->trace.id,
			     f->trace.sure ? "yes" : "no", f->trace.by,
			     str_printable(text, sizeof(text),
					   f->report.text));
}

/* 0, or -1 with *why. */
static int tell(const struct mailconf *conf, const struct finding *f,
		struct fault *why)
{
	const struct rconn_opts opts = mailconf_redis(conf, CONNECT_LIMIT_MS,
						      COMMAND_LIMIT_MS);
	const struct queue_report report = {
		.id = f->trace.id, .fate = f->report.fate,
		.sure = f->trace.sure, .text = f->report.text,
	};
	const char *counter = counter_of(f);
	struct rconn *r = rconn_new(&opts, why);
	struct queue *q;
	int result;

	if (!r)
		return -1;
	q = queue_new(r, conf->redis.prefix);
	result = counter ? queue_fate_count(q, counter, why)
			 : queue_fate_tell(q, &report, why);
	queue_free(q);
	rconn_free(r);
	return result;
}

static void log_finding(const struct finding *f)
{
	const char *counter = counter_of(f);

	if (counter)
		log_info("passed over a mail to the address of bounces as=%s "
			 "job=%s", counter, f->trace.id);
	else
		log_info("heard of job=%s fate=%s sure=%s by=%s", f->trace.id,
			 queue_fate_word(f->report.fate),
			 f->trace.sure ? "yes" : "no", f->trace.by);
}

/* Everything except a wrong command line is worth another try: the mail system
 * keeps the mail meanwhile. */
static int later(const struct fault *why)
{
	(void)fprintf(stderr, PROGRAM ": %s\n", why->text);
	log_warning("cannot take in a mail that came back: %s", why->text);
	return EX_TEMPFAIL;
}

static int run(const struct mailconf *conf, const struct opts *opts)
{
	struct buf mail = BUF_INIT;
	struct finding found;
	struct fault why;
	int status = EX_OK;

	limit(INPUT_LIMIT_S, EX_TEMPFAIL);
	if (input_read(&mail) == -1) {
		(void)fault_set_errno(&why, FAULT_RETRY, errno, "reading");
		status = later(&why);
		goto out;
	}
	/* What makes no sense now never will. */
	limit(READING_LIMIT_S, EX_OK);
	look(conf, opts, &mail, &found);
	limit(0, EX_OK);
	if (opts->dry) {
		show(&found);
		goto out;
	}
	if (tell(conf, &found, &why) == -1) {
		status = later(&why);
		goto out;
	}
	log_finding(&found);
	if (counter_of(&found) && found.report.kind != REPORT_NO_NEWS)
		keep_mail(conf->bounce_keep, &mail);
out:
	buf_release(&mail);
	return status;
}

/* A log that cannot be opened stops no mail: standard error goes to the log of
 * the mail system. */
static void log_begin(const struct mailconf *conf)
{
	struct fault why;
	int level = log_level_parse(conf->log_level);

	if (log_open(PROGRAM, conf->log, (enum log_level)level, &why) == -1 &&
	    log_open(PROGRAM, "stderr", (enum log_level)level, &why) == -1)
		(void)fprintf(stderr, PROGRAM ": %s\n", why.text);
}

int main(int argc, char **argv)
{
	struct sigaction late = { .sa_handler = too_late };
	struct opts opts;
	struct mailconf conf;
	struct fault why;
	int status = options(argc, argv, &opts);

	if (status != -1)
		return status;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigaction(SIGALRM, &late, NULL);
	if (mailconf_load(opts.conf_path, &conf, &why) == -1)
		return later(&why);
	log_begin(&conf);
	status = mailconf_bounce_secrets_read(&conf, &why) == -1
		 ? later(&why) : run(&conf, &opts);
	mailconf_release(&conf);
	return status;
}
