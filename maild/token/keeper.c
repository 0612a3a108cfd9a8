/* SPDX-License-Identifier: MIT */
/* The master's part in access tokens. */
#include "config.h"

#include "token/keeper.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "daemon/alert.h"
#include "daemon/command.h"
#include "token/helper.h"
#include "token/plan.h"
#include "token/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TELL_FAILURES 3		/* in a row, while the old token is good */

/* How a file looked when it was read. */
struct look {
	dev_t dev;
	ino_t inode;
	off_t size;
	struct timespec changed, modified;
};

struct source {				/* of one relay's token */
	char name[RELAY_NAME_MAX + 1];	/* "" = unused */
	char *login;		/* all that the token depends on */
	char *command, *file;	/* one of them is "" */
	struct token_plan plan;
	struct helper helper;
	struct look look;
	char token[SENDER_TOKEN_MAX];	/* "" = none */
	char trouble[TOKEN_TROUBLE_MAX];
	bool told;		/* a person was told, since there was a token */
	int place;		/* on the board, -1 = not shared yet */
	unsigned version;	/* of what we shared there */
};

struct keeper {
	struct scoreboard *board;
	struct source sources[RELAYS_MAX];
};

struct keeper *keeper_new(struct scoreboard *board)
{
	struct keeper *k = alloc_zeroed(1, sizeof(*k));

	k->board = board;
	return k;
}

/* A command that runs is killed: nobody wants its answer. */
static void source_release(struct source *s)
{
	if (s->helper.pid != 0) {
		command_kill(s->helper.pid);
		helper_abandon(&s->helper);
	}
	explicit_bzero(s->token, sizeof(s->token));
	free(s->login);
	free(s->command);
	free(s->file);
	*s = (struct source){ .place = -1 };
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < RELAYS_MAX; i++)
		source_release(&k->sources[i]);
	free(k);
}

void keeper_abandon(struct keeper *k)
{
	for (size_t i = 0; i < RELAYS_MAX; i++) {
		struct source *s = &k->sources[i];

		explicit_bzero(s->token, sizeof(s->token));
		if (s->helper.pid != 0)
			helper_abandon(&s->helper);
	}
}

/* ---- sharing ------------------------------------------------------------ */

static void share(struct keeper *k, struct source *s)
{
	const struct token_news news = {
		.wanted = true, .text = s->token, .trouble = s->trouble,
		.good_until_ms = s->plan.good_until_ms,
	};

	if (s->place != -1)
		s->version = shared_token_set(&k->board->token[s->place],
					      &news);
}

/* Shares it anew if its place has moved or somebody overwrote it. */
static void share_if_needed(struct keeper *k, struct source *s)
{
	int place = scoreboard_relay_find(k->board, s->name);

	if (place == s->place &&
	    (place == -1 ||
	     atomic_load(&k->board->token[place].version) == s->version))
		return;
	s->place = place;
	share(k, s);
}

void keeper_share(struct keeper *k)
{
	const struct token_news none = { .text = "", .trouble = "" };
	bool used[RELAYS_MAX] = { false };

	for (size_t i = 0; i < RELAYS_MAX; i++) {
		struct source *s = &k->sources[i];

		if (s->name[0] == '\0')
			continue;
		share_if_needed(k, s);
		if (s->place != -1)
			used[s->place] = true;
	}
	/* Where no log-in needs one there is none, not even an old one. */
	for (size_t i = 0; i < RELAYS_MAX; i++)
		if (!used[i])
			(void)shared_token_set(&k->board->token[i], &none);
}

/* ---- an answer ---------------------------------------------------------- */

static const char *setting_of(const struct source *s)
{
	return s->file[0] ? "auth_token_file" : "auth_token_command";
}

static void got(struct keeper *k, struct source *s,
		const struct token_answer *answer)
{
	token_plan_got(&s->plan, answer->life_ms);
	explicit_bzero(s->token, sizeof(s->token));
	must(str_copy(s->token, sizeof(s->token), answer->token));
	s->trouble[0] = '\0';
	s->told = false;
	log_info("access token renewed relay=%s life_s=%lld", s->name,
		 (long long)(answer->life_ms / 1000));
	share(k, s);
}

static void tell(struct source *s, bool good)
{
	char key[ALERT_KEY_MAX];

	if (s->told || (good && s->plan.failures < TELL_FAILURES))
		return;
	s->told = true;
	(void)snprintf(key, sizeof(key), "relay-token:%s", s->name);
	alert_raise(key, "relay %s: %s access token: %s: %s; %s", s->name,
		    good ? "cannot renew its" : "mails wait, there is no",
		    setting_of(s), s->trouble, s->file[0]
		    ? "check the file and what renews it"
		    : "run it as maild's user to see why");
}

static void failed(struct keeper *k, struct source *s, const struct fault *why,
		   int64_t now_ms)
{
	int64_t pause_ms = token_plan_failed(&s->plan, now_ms);

	(void)str_printable(s->trouble, sizeof(s->trouble), why->text);
	log_warning("no new access token relay=%s pause_ms=%lld: %s: %s",
		    s->name, (long long)pause_ms, setting_of(s), s->trouble);
	tell(s, token_plan_is_good(&s->plan, now_ms));
	share(k, s);
}

/* ---- a file ------------------------------------------------------------- */

static bool look_at(const char *path, struct look *look)
{
	struct stat st;

	*look = (struct look){ .size = -1 };
	if (stat(path, &st) == -1)
		return false;
	*look = (struct look){
		.dev = st.st_dev, .inode = st.st_ino, .size = st.st_size,
		.changed = st.st_ctim, .modified = st.st_mtim,
	};
	return true;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool has_changed(const struct source *s)
{
	struct look now;

	return look_at(s->file, &now) &&
	       (now.dev != s->look.dev || now.inode != s->look.inode ||
		now.size != s->look.size ||
		!is_same_time(&now.changed, &s->look.changed) ||
		!is_same_time(&now.modified, &s->look.modified));
}

static void read_file(struct keeper *k, struct source *s, int64_t now_ms)
{
	struct token_answer answer;
	struct fault why;

	token_plan_asked(&s->plan, now_ms);
	/* Looked at first: what is written meanwhile is read once more. */
	(void)look_at(s->file, &s->look);
	if (token_file_read(s->file, &answer, &why) == 0)
		got(k, s, &answer);
	else
		failed(k, s, &why, now_ms);
	explicit_bzero(&answer, sizeof(answer));
}

/* ---- all of them -------------------------------------------------------- */

static void ask(struct keeper *k, struct source *s, int64_t now_ms)
{
	struct fault why;

	if (s->file[0]) {
		read_file(k, s, now_ms);
		return;
	}
	token_plan_asked(&s->plan, now_ms);
	if (helper_start(&s->helper, s->command, now_ms, &why) == -1)
		failed(k, s, &why, now_ms);
}

static void see_refusal(struct keeper *k, struct source *s, int64_t now_ms)
{
	if (!shared_token_is_refused(&k->board->token[s->place]) ||
	    s->token[0] == '\0')
		return;
	log_warning("access token refused relay=%s", s->name);
	token_plan_refused(&s->plan, now_ms);
	explicit_bzero(s->token, sizeof(s->token));
	(void)str_copy(s->trouble, sizeof(s->trouble),
		       "the mail server refused it");
	share(k, s);
}

/* Its life has ended and there is no new one: this is said even if it was said
 * before that none could be had. */
static void see_end(struct keeper *k, struct source *s, int64_t now_ms)
{
	if (s->token[0] == '\0' || token_plan_is_good(&s->plan, now_ms))
		return;
	explicit_bzero(s->token, sizeof(s->token));
	share(k, s);
	s->told = false;
	if (s->trouble[0])
		tell(s, false);
}

static void tend_one(struct keeper *k, struct source *s, int64_t now_ms)
{
	share_if_needed(k, s);
	if (s->place == -1)
		return;		/* a broken worker has overwritten its name */
	see_refusal(k, s, now_ms);
	see_end(k, s, now_ms);
	helper_tend(&s->helper, now_ms);
	if (s->helper.pid == 0 &&
	    (token_plan_is_due(&s->plan, now_ms) ||
	     (s->file[0] && has_changed(s))))
		ask(k, s, now_ms);
}

void keeper_tend(struct keeper *k, int64_t now_ms)
{
	for (size_t i = 0; i < RELAYS_MAX; i++)
		if (k->sources[i].name[0])
			tend_one(k, &k->sources[i], now_ms);
}

void keeper_ended(struct keeper *k, pid_t pid, int wstatus, int64_t now_ms)
{
	for (size_t i = 0; i < RELAYS_MAX; i++) {
		struct source *s = &k->sources[i];
		struct token_answer answer;
		struct fault why;

		if (s->helper.pid == 0 || s->helper.pid != pid)
			continue;
		if (helper_ended(&s->helper, wstatus, &answer, &why) == 0)
			got(k, s, &answer);
		else
			failed(k, s, &why, now_ms);
		explicit_bzero(&answer, sizeof(answer));
	}
}

/* ---- settings ----------------------------------------------------------- */

static char *login_of(const struct relay_conf *r)
{
	return alloc_printf("%s\n%s\n%s\n%s\n%s", r->auth, r->auth_user,
			    r->host, r->auth_token_command,
			    r->auth_token_file);
}

/* The relay's source if its log-in is the same, else a fresh one. */
static void set_one(struct source *s, const struct relay_conf *r)
{
	char *login = login_of(r);

	if (s->name[0] && strcmp(s->login, login) == 0) {
		free(login);
		if (s->trouble[0])
			token_plan_hurry(&s->plan);
		s->told = false;
		return;
	}
	source_release(s);
	must(str_copy(s->name, sizeof(s->name), r->item.name));
	s->login = login;
	s->command = alloc_text(r->auth_token_command);
	s->file = alloc_text(r->auth_token_file);
}

static struct source *source_find(struct keeper *k, const char *name)
{
	for (size_t i = 0; i < RELAYS_MAX; i++)
		if (strcmp(k->sources[i].name, name) == 0)
			return &k->sources[i];
	return NULL;
}

static bool is_wanted(const struct conf_list *relays, const char *name)
{
	for (size_t i = 0; i < relays->count; i++) {
		const struct relay_conf *r = relayconf_at(relays, i);

		if (relayconf_token_way(r) && strcmp(r->item.name, name) == 0)
			return true;
	}
	return false;
}

void keeper_relays_set(struct keeper *k, const struct conf_list *relays)
{
	for (size_t i = 0; i < RELAYS_MAX; i++) {
		struct source *s = &k->sources[i];

		if (s->name[0] && !is_wanted(relays, s->name))
			source_release(s);
		s->place = -1;	/* it may have moved */
	}
	for (size_t i = 0; i < relays->count; i++) {
		const struct relay_conf *r = relayconf_at(relays, i);
		struct source *s = source_find(k, r->item.name);

		if (!relayconf_token_way(r))
			continue;
		if (!s)
			s = source_find(k, "");
		must(s);	/* as many as there may be relays */
		set_one(s, r);
	}
	keeper_share(k);
}
