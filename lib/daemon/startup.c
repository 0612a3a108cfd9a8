/* SPDX-License-Identifier: MIT */
/* The command line and the first steps that all our daemons share. */
#include "config.h"

#include "daemon/startup.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/logger.h"
#include "base/str.h"
#include "conf/check.h"
#include "daemon/daemon.h"
#include "daemon/fence.h"
#include "daemon/mark.h"
#include "daemon/prefork.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define EXTRAS_MAX 4
#define LETTERS_MAX 32
#define EXTRA 256		/* beyond all letters */

static void usage(const struct startup *s, FILE *out)
{
	(void)fprintf(out,
		      "usage: %s [-c FILE] [-FtTvVh]\n"
		      "  -c FILE  settings file (default %s)\n"
		      "  -F       stay in the foreground, log to standard "
		      "error\n"
		      "  -t       check settings and templates, then leave\n"
		      "  -T       print all settings in force, then leave\n"
		      "  -v       log at level debug, whatever the settings "
		      "say\n"
		      "  -V       print the version\n"
		      "  -h       print this\n", s->program, s->conf_path);
	for (const struct startup_extra *e = s->extras; e && e->name; e++) {
		if (e->letter)
			(void)fprintf(out, "  -%c %s, --%s %s\n", e->letter,
				      e->value, e->name, e->value);
		else
			(void)fprintf(out, "  --%s %s\n", e->name, e->value);
		(void)fprintf(out, "           %s\n", e->help);
	}
}

/* What getopt_long() must know of the extras: code EXTRA + place, or letter. */
static void list_extras(const struct startup *s, char letters[LETTERS_MAX],
			struct option longs[EXTRAS_MAX + 1])
{
	size_t len = strlen(letters);
	size_t i = 0;

	for (; s->extras && s->extras[i].name; i++) {
		must(i < EXTRAS_MAX);
		longs[i] = (struct option){
			.name = s->extras[i].name,
			.has_arg = required_argument,
			.val = EXTRA + (int)i,
		};
		if (!s->extras[i].letter)
			continue;
		letters[len++] = s->extras[i].letter;
		letters[len++] = ':';
		must(len < LETTERS_MAX);
	}
	letters[len] = '\0';
	longs[i] = (struct option){ .name = NULL };
}

/* Returns whether opt is one of the extras. */
static bool take_extra(const struct startup *s, int opt)
{
	for (int i = 0; s->extras && s->extras[i].name; i++) {
		if (opt != EXTRA + i && opt != s->extras[i].letter)
			continue;
		*s->extras[i].out = optarg;
		return true;
	}
	return false;
}

static void keep_path(struct startup *s)
{
	static char *kept;	/* reachable until the process ends */
	char whole[PATH_MAX];

	free(kept);
	/* A file that is not there is named as it was written. */
	kept = alloc_text(realpath(s->conf_path, whole) ? whole
							: s->conf_path);
	s->conf_path = kept;
}

/* How many sockets a service manager hands over, from descriptor 3 on. */
static unsigned passed_count(void)
{
	const char *count = getenv("LISTEN_FDS");
	int64_t n;

	return count && str_to_int(count, 1, 1024, &n) ? (unsigned)n : 0;
}

int startup_options(struct startup *s, int argc, char **argv)
{
	char letters[LETTERS_MAX] = "c:FtTvVh";
	struct option longs[EXTRAS_MAX + 1];
	int opt;

	list_extras(s, letters, longs);
	while ((opt = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
			s->conf_path = optarg;
			break;
		case 'F':
			s->foreground = true;
			break;
		case 't':
			s->test = true;
			break;
		case 'T':
			s->show = true;
			break;
		case 'v':
			s->verbose = true;
			break;
		case 'V':
			(void)printf("%s %s\nthis kernel: seccomp %s, landlock "
				     "%d\n", s->program, PACKAGE_VERSION,
				     fence_has_seccomp() ? "yes" : "no",
				     fence_landlock_version());
			return 0;
		case 'h':
			usage(s, stdout);
			return 0;
		default:
			if (take_extra(s, opt))
				break;
			usage(s, stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		usage(s, stderr);
		return EX_USAGE;
	}
	keep_path(s);
	daemon_descriptors_tidy(s->foreground ? UINT_MAX : passed_count());
	return -1;
}

int startup_refuse(const struct startup *s, const struct fault *why)
{
	(void)fprintf(stderr, "%s: %s\n", s->program, why->text);
	return why->class == FAULT_RETRY ? EX_OSERR : EX_CONFIG;
}

int startup_log_open(const struct startup *s,
		     const struct startup_settings *set, struct fault *why)
{
	const char *target = set->log;
	int level = log_level_parse(set->log_level);

	if (s->foreground && !str_starts_with(target, "file:"))
		target = "stderr";
	must(level >= 0);	/* the settings table has checked it */
	if (s->verbose)
		level = LOG_LEVEL_DEBUG;
	return log_open(s->program, target, (enum log_level)level, why);
}

/*
 * May root open this log file, and give it away?  Only where nobody else could
 * have put a link to a file of root's: in a directory that root alone may
 * write, and what is there is a file with no other name.
 */
static bool is_roots(const char *path)
{
	char folder[PATH_MAX];
	const char *name = strrchr(path, '/');
	struct stat st;

	if (!name || (size_t)(name - path) >= sizeof(folder) - 1)
		return false;
	(void)snprintf(folder, sizeof(folder), "%.*s/", (int)(name - path),
		       path);
	if (stat(folder, &st) == -1 || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		return false;
	if (lstat(path, &st) == -1)
		return errno == ENOENT;
	return S_ISREG(st.st_mode) && st.st_nlink == 1;
}

/* Must the log wait until we are the user? */
static bool log_is_users(const struct startup_settings *set)
{
	return str_starts_with(set->log, "file:") &&
	       !is_roots(set->log + strlen("file:"));
}

/* ---- what a start takes, and -t only tries ------------------------------ */

/* As root or not: whoever tries the settings is told of a wrong account. */
static int find_account(const struct startup *s,
			const struct startup_settings *set,
			struct privileges *who, struct fault *why)
{
	if (conf_check_user(set->user, set->group, why) == 0 &&
	    privileges_find(set->user, set->group, who, why) == 0)
		return 0;
	conf_place(s->conf_path, why);
	return -1;
}

static int take_log(const struct startup *s, const struct startup_settings *set,
		    const struct privileges *who, struct fault *why)
{
	int result = 0;

	if (!s->test) {
		result = startup_log_open(s, set, why);
		if (result == 0 && who->change)
			result = log_give(who->uid, who->gid, why);
	} else if (str_starts_with(set->log, "file:") &&
		   fdio_try_write(set->log + strlen("file:"), 0) == -1) {
		result = fault_set_errno(why, FAULT_CONFIG, errno,
					 "cannot open log file %s",
					 set->log + strlen("file:"));
	}
	if (result == -1)
		conf_place_at(s->conf_path, "log", why);
	return result;
}

/* The mark that every running daemon sets. */
#define RUNS ""

/* Is somebody there who was started with these settings and holds this?  A
 * version that set no marks holds whatever the settings say. */
static bool is_ours(const struct startup *s, const struct startup_settings *set,
		    const char *thing)
{
	struct fault unused;

	return mark_is_there(s->conf_path, thing) ||
	       (!mark_is_there(s->conf_path, RUNS) &&
		pidfile_check(set->pid_file, &unused) == -1);
}

static void set_marks(const struct startup *s, struct started *out)
{
	out->marks[0] = mark_open(s->conf_path, RUNS);
	out->marks[1] = mark_open(s->conf_path, out->pid_file);
	if (out->listener.fd != -1)
		out->marks[2] = mark_open(s->conf_path, out->listener.name);
}

static int try_listener(const struct startup *s,
			const struct startup_settings *set, struct fault *why)
{
	bool ours = is_ours(s, set, set->listen->address) ||
		    mark_is_there(s->conf_path, LISTENER_INHERITED);

	return listener_try(set->listen, ours, why);
}

static int take_listener(const struct startup *s,
			 const struct startup_settings *set,
			 struct listener *l, struct fault *why)
{
	int result;

	if (!set->listen)
		return 0;
	result = s->test ? try_listener(s, set, why)
			 : listener_open(l, set->listen, why);
	if (result == -1)
		conf_place(s->conf_path, why);
	return result;
}

static int try_pid_file(const struct startup *s,
			const struct startup_settings *set, struct fault *why)
{
	if (!is_ours(s, set, set->pid_file) &&
	    pidfile_check(set->pid_file, why) == -1)
		return -1;
	if (fdio_try_write(set->pid_file, O_NOFOLLOW) == 0)
		return 0;
	return fault_set_errno(why, FAULT_CONFIG, errno,
			       "cannot open pid file %s", set->pid_file);
}

static int take_pid_file(const struct startup *s,
			 const struct startup_settings *set,
			 struct started *out, struct fault *why)
{
	int result;

	if (s->test) {
		result = try_pid_file(s, set, why);
	} else {
		/* Who reads the number may send a signal at once: it waits for
		 * the supervisor. */
		prefork_signals_catch();
		out->pid_fd = pidfile_open(out->pid_file, why);
		result = out->pid_fd == -1 ? -1 : 0;
	}
	if (result == -1)
		conf_place_at(s->conf_path, "pid_file", why);
	return result;
}

int startup_run(const struct startup *s, const struct startup_settings *set,
		struct started *out, struct fault *why)
{
	bool later = log_is_users(set);
	const struct privileges nobody = { .change = false };
	struct privileges who;

	*out = (struct started){
		.pid_fd = -1, .pid_file = alloc_text(set->pid_file),
		.listener = { .fd = -1 }, .marks = { -1, -1, -1 },
	};
	(void)signal(SIGPIPE, SIG_IGN);	/* a log without a reader is an error */
	if ((!s->test && pidfile_check(set->pid_file, why) == -1) ||
	    daemon_limits_set(why) == -1 ||
	    find_account(s, set, &who, why) == -1 ||
	    (!later && take_log(s, set, &who, why) == -1) ||
	    take_listener(s, set, &out->listener, why) == -1 ||
	    privileges_lend(&who, set->load, set->arg, why) == -1 ||
	    (!s->test && !s->foreground && daemon_detach(why) == -1) ||
	    take_pid_file(s, set, out, why) == -1 ||
	    privileges_drop(&who, why) == -1 ||
	    (later && take_log(s, set, &nobody, why) == -1)) {
		startup_end(out);
		return -1;
	}
	if (!s->test)
		set_marks(s, out);
	return 0;
}

void startup_end(struct started *started)
{
	pidfile_close(started->pid_fd, started->pid_file);
	listener_close(&started->listener);
	for (size_t i = 0; i < ARRAY_COUNT(started->marks); i++)
		if (started->marks[i] != -1)
			(void)close(started->marks[i]);
	free(started->pid_file);
	*started = (struct started){
		.pid_fd = -1, .listener = { .fd = -1 },
		.marks = { -1, -1, -1 },
	};
}

int startup_become(const struct startup *s, const struct startup_settings *set,
		   struct fault *why)
{
	struct privileges who;

	if (daemon_limits_set(why) == -1 ||
	    find_account(s, set, &who, why) == -1)
		return -1;
	return privileges_drop(&who, why);
}
