/* SPDX-License-Identifier: MIT */
/* What "maild -t" looks at, beyond the settings themselves. */
#include "config.h"

#include "check.h"

#include "base/alloc.h"
#include "compose/compose.h"
#include "conf/check.h"
#include "daemon/alert_run.h"
#include "delivery/worker.h"
#include "redis/rconn.h"
#include "smtp/knock.h"
#include "smtp/sender.h"
#include "state/replay.h"
#include "text/templatedir.h"
#include "token/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NOTE_LIMIT_MS 2000

int check_start(const struct mailconf *conf, struct fault *why)
{
	const struct compose_opts opts = compose_opts_of(conf);

	if (alert_run_check(conf->alert_command, why) == -1 ||
	    token_sources_check(conf, true, why) == -1 ||
	    compose_opts_check(&opts, why) == -1)
		return -1;
	return sender_check(&conf->relays, why);
}

static void say(void *arg, const char *sentence)
{
	(void)arg;
	(void)fprintf(stderr, "%s\n", sentence);
}

static void note(const char *sentence)
{
	(void)fprintf(stderr, "note: %s\n", sentence);
}

/* ---- what may come later ------------------------------------------------ */

/* Reads them anew as a reload would: by now we are the daemon's user. */
static void note_settings(const char *conf_path)
{
	struct mailconf again;
	struct fault why;

	if (mailconf_load(conf_path, &again, &why) == -1)
		(void)fprintf(stderr, "note: a reload will be refused: %s\n",
			      why.text);
	else
		mailconf_release(&again);
}

static void note_journal(const struct mailconf *conf, const char *conf_path)
{
	struct fault why;

	if (replay_journal_check(conf, &why) == -1) {
		conf_place(conf_path, &why);
		note(why.text);
	}
}

static void note_redis(const struct mailconf *conf, const char *conf_path)
{
	struct fault why;
	struct rconn *r = worker_rconn(conf, NOTE_LIMIT_MS, &why);

	if (!r || redis_note(r, &why) == -1) {
		conf_place_at(conf_path, "redis", &why);
		note(why.text);
	}
	rconn_free(r);
}

static void note_relay(const struct mailconf *conf,
		       const struct relay_conf *relay)
{
	struct fault why;

	/* Before the one that greets there may be others that do not. */
	if (knock(conf, relay, &why) == -1 || why.text[0])
		(void)fprintf(stderr, "note: [relay %s]: %s\n",
			      relay->item.name, why.text);
}

/* Said in EHLO to every relay. */
static void note_hello(const struct mailconf *conf, const char *conf_path)
{
	const char *whose = conf->hello_name[0]
			    ? "" : "is empty, and this host's name ";
	char name[SENDER_HELLO_MAX];
	struct fault why;

	if (sender_hello_name(conf->hello_name, name, &why) == 0) {
		/* A name in the DNS, by its looks? */
		if (strchr(name, '.') &&
		    strcasecmp(name, "localhost.localdomain") != 0)
			return;
		(void)fault_set(&why, FAULT_CONFIG, "hello_name: %s\"%.100s\" "
				"is no full name with a dot, many mail servers "
				"refuse it in EHLO", whose, name);
	}
	conf_place(conf_path, &why);
	note(why.text);
}

/* ---- all of it ---------------------------------------------------------- */

static size_t check_templates(const struct mailconf *conf)
{
	const struct compose_opts opts = compose_opts_of(conf);
	struct fault why;
	struct composer *composer = composer_new(&opts, &why);
	char *shipped = alloc_printf("%s/templates/mail", conf->data_dir);
	struct reporter r = { .report = say };

	if (composer) {
		composer_check(composer, &r);
		templatedir_check(conf->template_dir, shipped, &r);
	} else {
		r.count++;	/* the start has said why */
	}
	composer_free(composer);
	free(shipped);
	return r.count;
}

/* A start waits for files that are not there yet. */
static size_t check_tokens(const struct mailconf *conf, const char *conf_path)
{
	struct fault why;

	if (token_sources_check(conf, false, &why) == 0)
		return 0;
	conf_place(conf_path, &why);
	say(NULL, why.text);
	return 1;
}

size_t check_all(const struct mailconf *conf, const char *conf_path)
{
	size_t faults = check_templates(conf) + check_tokens(conf, conf_path);

	note_settings(conf_path);
	note_journal(conf, conf_path);
	note_redis(conf, conf_path);
	note_hello(conf, conf_path);
	for (size_t i = 0; i < conf->relays.count; i++)
		note_relay(conf, relayconf_at(&conf->relays, i));
	return faults;
}
