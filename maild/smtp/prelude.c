/* SPDX-License-Identifier: MIT */
/* What is said to a relay before libesmtp. */
#include "config.h"

#include "smtp/prelude.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "smtp/reply.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define COMMAND_MAX 510		/* bytes of a command without its end: RFC 5321
				   section 4.5.3.1.4 */
#define WORDS_MAX 160

struct prelude {
	const struct prelude_opts *opts;
	struct wire *wire;
	char *words;
	int64_t until_ms;		/* of the step in hand */
	struct reply reply;		/* the last one */
};

/* ---- lines to and fro --------------------------------------------------- */

static void begin_step(struct prelude *p)
{
	p->until_ms = ticks_ms() + p->opts->step_ms;
}

/* Waits for the event.  0, or -1 when the step's time is over. */
static int wait_for(const struct prelude *p, short events)
{
	struct pollfd one = { .fd = p->wire->fd, .events = events };

	for (;;) {
		int64_t left_ms = p->until_ms - ticks_ms();
		int n = left_ms > 0 ? poll(&one, 1, (int)left_ms) : 0;

		if (n > 0)
			return 0;
		if (n == 0 || errno != EINTR)
			return -1;
	}
}

static int say(struct prelude *p, const char *line, size_t len)
{
	talk_wrote(p->opts->talk, line, len);
	while (len > 0) {
		short wants;
		ssize_t n = wire_write(p->wire, line, len, &wants);

		if (n == 0 || (n == -1 && wait_for(p, wants) == -1))
			return -1;
		if (n > 0) {
			line += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Reads more of the reply.  0, or -1 when nothing more comes. */
static int read_on(struct prelude *p)
{
	short wants;
	size_t size;
	char *room = reply_room(&p->reply, &size);
	ssize_t n = wire_read(p->wire, room, size, &wants);

	if (n == 0)
		return -1;
	if (n == -1)
		return wait_for(p, wants);
	p->reply.have += (size_t)n;
	return 0;
}

/* Reads one reply.  Its code, or -1 if it is none. */
static int hear(struct prelude *p)
{
	char *line;
	size_t len;

	reply_next(&p->reply);
	for (;;) {
		enum reply_state state = reply_look(&p->reply, &line, &len);

		switch (state) {
		case REPLY_MORE:
			if (read_on(p) == -1)
				return -1;
			break;
		case REPLY_LONG:
			(void)str_copy(p->words, WORDS_MAX,
				       "its reply is too long");
			return -1;
		default:
			talk_read(p->opts->talk, line, len);
			if (state == REPLY_WHOLE)
				return reply_code(&p->reply);
			if (state == REPLY_BAD)
				return -1;
		}
	}
}

/* A command and its answer, as hear(). */
static int ask(struct prelude *p, const char *verb, const char *value)
{
	char line[600];
	int len = snprintf(line, sizeof(line), "%s%s\r\n", verb, value);

	must(len > 0 && (size_t)len < sizeof(line));
	begin_step(p);
	return say(p, line, (size_t)len) == -1 ? -1 : hear(p);
}

/* ---- TLS ---------------------------------------------------------------- */

static enum prelude_end secure(struct prelude *p)
{
	const struct sender_tls *tls = p->opts->tls;
	short wants;
	int n;

	begin_step(p);
	sender_tls_begin(tls, p->wire);
	while ((n = wire_shake(p->wire, &wants)) == -1)
		if (wait_for(p, wants) == -1)
			return PRELUDE_UNSECURED;	/* talk says where */
	if (n == 1) {
		talk_secured(p->opts->talk);
		return PRELUDE_GOOD;
	}
	sender_tls_explain(tls, p->wire, p->words, WORDS_MAX);
	return sender_tls_is_unproven(p->wire) ? PRELUDE_UNPROVEN
					       : PRELUDE_UNSECURED;
}

/* RFC 3207. */
static enum prelude_end start_tls(struct prelude *p)
{
	if (!reply_offers(&p->reply, "STARTTLS", NULL))
		return PRELUDE_NO_STARTTLS;
	if (ask(p, "STARTTLS", "") != 220)
		return PRELUDE_REFUSED;
	/* It would pass for what the server says inside TLS (as in
	 * CVE-2011-0411). */
	if (reply_has_more(&p->reply)) {
		(void)str_copy(p->words, WORDS_MAX, "text was slipped in "
			       "behind the answer to STARTTLS");
		return PRELUDE_UNSECURED;
	}
	return secure(p);
}

/* ---- the log-in --------------------------------------------------------- */

/* Answers a challenge: what the line holds is a secret. */
static int respond(struct prelude *p, const char *verb, const char *response)
{
	static const char end[] = "\r\n";
	char *line = alloc_printf("%s%s%s", verb, response, end);
	size_t len = strlen(line);
	int code;

	begin_step(p);
	code = say(p, line, len) == -1 ? -1 : hear(p);
	explicit_bzero(line, len);
	free(line);
	return code;
}

/* Its final code, or -1 if there is none. */
static int show_token(struct prelude *p, const char *token)
{
	const struct sasl *sasl = &p->opts->sasl;
	char response[SASL_LINE_MAX];
	char verb[32];
	int code;
	int len;

	sasl_respond(sasl, token, response);
	len = snprintf(verb, sizeof(verb), "AUTH %s ", sasl->mechanism);
	must(len > 0);
	/* RFC 4954 section 4: a command that would be longer goes without its
	 * response and is asked for it; Postfix cuts off what is past byte
	 * 2048. */
	if ((size_t)len + strlen(response) > COMMAND_MAX) {
		verb[len - 1] = '\0';
		code = respond(p, verb, "");
	} else {
		code = respond(p, verb, response);
	}
	if (code == 334 && reply_is_bare(&p->reply))
		code = respond(p, "", response);	/* it wants it here */
	if (code == 334)	/* it says why not, and wants us to give up */
		code = respond(p, "", sasl_give_up(sasl));
	explicit_bzero(response, sizeof(response));
	return code;
}

/* Is that about the token?  50x is about the command. */
static bool is_refusal(int code)
{
	return code >= 510;
}

/* The server has refused the token: is there another one? */
static enum prelude_end show_another(struct prelude *p, const char *token)
{
	const struct sender_tokens *tokens = p->opts->tokens;
	char other[SENDER_TOKEN_MAX];
	struct fault why;
	int code;

	tokens->refused(tokens->arg, p->opts->relay, token);
	if (tokens->get(tokens->arg, p->opts->relay, other, &why) == -1 ||
	    strcmp(other, token) == 0)
		return PRELUDE_REFUSED;
	code = show_token(p, other);
	if (is_refusal(code))
		tokens->refused(tokens->arg, p->opts->relay, other);
	explicit_bzero(other, sizeof(other));
	return code == 235 ? PRELUDE_GOOD :
	       code == -1 ? PRELUDE_AGAIN : PRELUDE_REFUSED;
}

static enum prelude_end log_in(struct prelude *p)
{
	const struct sender_tokens *tokens = p->opts->tokens;
	const char *mechanism = p->opts->sasl.mechanism;
	const char *ways = p->opts->talk->ways;
	char token[SENDER_TOKEN_MAX];
	enum prelude_end end = PRELUDE_REFUSED;
	struct fault why;
	int code;

	if (!reply_offers(&p->reply, "AUTH", mechanism)) {
		(void)snprintf(p->words, WORDS_MAX, "the server offers no AUTH "
			       "%s%s%s", mechanism, ways[0] ? ", only " : "",
			       ways);
		return PRELUDE_NO_LOGIN;
	}
	if (!tokens->get)
		(void)fault_set(&why, FAULT_CONFIG, "there is no token");
	if (!tokens->get ||
	    tokens->get(tokens->arg, p->opts->relay, token, &why) == -1) {
		str_printable(p->words, WORDS_MAX, why.text);
		return PRELUDE_NO_LOGIN;
	}
	code = show_token(p, token);
	if (code == 235)
		end = PRELUDE_GOOD;
	else if (is_refusal(code))
		end = show_another(p, token);
	explicit_bzero(token, sizeof(token));
	return end;
}

/* ---- all of it ---------------------------------------------------------- */

static enum prelude_end be_greeted(struct prelude *p)
{
	enum prelude_end end = PRELUDE_GOOD;

	if (p->opts->implicit)
		end = secure(p);
	if (end != PRELUDE_GOOD)
		return end;
	begin_step(p);
	return hear(p) == 220 ? PRELUDE_GOOD : PRELUDE_REFUSED;
}

/* From the greeting to the last answer to EHLO. */
static enum prelude_end introduce(struct prelude *p)
{
	const struct prelude_opts *opts = p->opts;
	enum prelude_end end = be_greeted(p);

	if (end != PRELUDE_GOOD)
		return end;
	if (ask(p, "EHLO ", opts->hello_name) != 250)
		return PRELUDE_REFUSED;
	if (!opts->tls || opts->implicit)
		return PRELUDE_GOOD;
	end = start_tls(p);
	if (end == PRELUDE_GOOD && ask(p, "EHLO ", opts->hello_name) != 250)
		end = PRELUDE_REFUSED;
	return end;
}

/* The library is greeted anew, and not offered what has been done already. */
static void keep(const struct prelude *p, struct buf *heard)
{
	static const char *const done[] = { "STARTTLS", "AUTH", NULL };
	static const char *const open[] = { "STARTTLS", NULL };

	buf_addstr(heard, "220 ESMTP\r\n");
	reply_add_without(&p->reply, p->opts->sasl.mechanism ? done : open,
			  heard);
}

enum prelude_end prelude_run(struct wire *wire, const struct prelude_opts *opts,
			     struct prelude_heard *heard, char words[160])
{
	struct prelude p = { .opts = opts, .wire = wire, .words = words };
	enum prelude_end end;

	words[0] = '\0';
	end = introduce(&p);
	if (end != PRELUDE_GOOD)
		return end;
	keep(&p, &heard->text);
	heard->known = heard->text.len;
	if (opts->sasl.mechanism)
		end = log_in(&p);
	buf_add(&heard->text, p.reply.bytes + p.reply.lines,
		p.reply.have - p.reply.lines);
	return end;
}

enum prelude_end prelude_greet(struct wire *wire,
			       const struct prelude_opts *opts, char words[160])
{
	struct prelude p = { .opts = opts, .wire = wire, .words = words };

	words[0] = '\0';
	return be_greeted(&p);
}
