/* SPDX-License-Identifier: MIT */
/* The mail of a session: its bytes, the dot gate, the verdict on it. */
#include "config.h"

#include "smtp/impl.h"

#include "base/str.h"
#include "base/ticks.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define PIECE_BYTES 16384	/* larger ones can get lost in a time-out */

/*
 * The library writes a mail in pieces of 2 KB, and with TCP_NODELAY each is a
 * packet that wakes the server.  Corked, all but what is written with the dot
 * leave together.
 */
static void cork(const struct session *s, int on)
{
	/* A tunnel is no TCP connection.  Otherwise it is only slower. */
	if (!s->tunnel)
		(void)setsockopt(s->fd, IPPROTO_TCP, TCP_CORK, &on,
				 sizeof(on));
}

/*
 * The dot gate.  libesmtp may ask for the end twice: the answer is kept.  With
 * errno set and no bytes it drops the connection before the dot.
 */
static const char *give_end(struct session *s, int *len)
{
	*len = 0;
	s->eof = !s->stalled && !s->locked_out;
	if (s->eof && !s->gated) {
		s->gated = true;
		cork(s, 0);
		stagewatch_end(&s->talk.watch, STAGE_BODY);
		s->fenced = s->ops->gate(s->ops->user) == -1;
		if (!s->fenced)
			stagewatch_begin(&s->talk.watch, STAGE_DOT);
	}
	/* A stale errno would abort a good mail. */
	errno = s->fenced || s->stalled || s->locked_out ? ECANCELED : 0;
	return NULL;
}

static const char *give_message(void **ctx, int *len, void *arg)
{
	struct session *s = arg;
	int64_t now = ticks_ms();
	const char *piece;
	size_t left;

	(void)ctx;		/* freed by the library: never ours */
	if (!len) {		/* rewind */
		s->offset = 0;
		s->eof = false;
		s->piece_at_ms = 0;
		return NULL;
	}
	/* A write that timed out silently leaves a hole in the mail. */
	if (s->piece_at_ms != 0 &&
	    now - s->piece_at_ms >= s->sender->opts.transfer_ms * 9 / 10)
		s->stalled = true;
	s->piece_at_ms = now;
	left = s->mail.len - s->offset;
	if (left == 0 || s->stalled || s->locked_out)
		return give_end(s, len);
	if (s->offset == 0)
		cork(s, 1);
	piece = s->mail.bytes + s->offset;
	*len = left < PIECE_BYTES ? (int)left : PIECE_BYTES;
	s->offset += (size_t)*len;
	if (s->offset == s->mail.len && s->ops->ahead)
		s->ops->ahead(s->ops->user);
	errno = 0;
	return piece;
}

/* Asks for reports on the mail's fate, which name it by its job. */
static int ask_for_reports(struct session *s)
{
	static const struct {
		const char *wish;
		int flags;
	} table[] = {
		{ "never", Notify_NEVER },
		{ "failure", Notify_FAILURE },
		{ "delay", Notify_FAILURE | Notify_DELAY },
		{ "all", Notify_SUCCESS | Notify_FAILURE | Notify_DELAY },
	};

	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		if (strcmp(s->channel->conf->dsn, table[i].wish) != 0)
			continue;
		/* Written only to a server that offers DSN. */
		return smtp_dsn_set_ret(s->message, Ret_HDRS) &&
		       smtp_dsn_set_envid(s->message, s->mail.envid) &&
		       smtp_dsn_set_notify(s->recipient, (enum notify_flags)
					   table[i].flags) ? 0 : -1;
	}
	return 0;
}

int session_add_message(struct session *s)
{
	s->message = smtp_add_message(s->smtp);
	if (!s->message)
		return -1;
	s->recipient = NULL;
	s->offset = 0;
	s->eof = s->gated = s->fenced = s->stalled = s->judged = false;
	s->piece_at_ms = 0;
	s->taken++;
	talk_forget(&s->talk);
	if (!smtp_set_reverse_path(s->message, s->mail.envelope_from) ||
	    !smtp_set_messagecb(s->message, give_message, s))
		return -1;
	s->recipient = smtp_add_recipient(s->message, s->mail.recipient);
	return s->recipient ? ask_for_reports(s) : -1;
}

/* ---- the verdict, and the words that go with it ------------------------- */

/* The reply that decided on the mail, if the library has kept its text. */
static const smtp_status_t *find_status(const struct session *s,
					const struct outcome_signs *signs)
{
	int code = outcome_code(signs);
	const char *stage = outcome_stage(signs);
	const smtp_status_t *status;

	if (code == 0)
		return NULL;
	/* Not by the code: RCPT and the DATA that was sent right after it may
	 * be refused with the same one. */
	if (strcmp(stage, "MAIL") == 0)
		status = smtp_reverse_path_status(s->message);
	else if (strcmp(stage, "RCPT") == 0)
		status = smtp_recipient_status(s->recipient);
	else
		status = smtp_message_transfer_status(s->message);
	return status->text && status->code == code ? status : NULL;
}

/* All of a reply whose code and enhanced code the library has split off. */
static void whole(const smtp_status_t *status, char *reply, size_t size)
{
	int len = snprintf(reply, size, "%d ", status->code);

	if (status->enh_class > 0)	/* RFC 3463 */
		len += snprintf(reply + len, size - (size_t)len, "%d.%d.%d ",
				status->enh_class, status->enh_subject,
				status->enh_detail);
	(void)snprintf(reply + len, size - (size_t)len, "%s", status->text);
	/* The library ends each line, the last one, too. */
	len = (int)strlen(reply);
	while (len > 0 && strchr("\r\n", reply[len - 1]))
		reply[--len] = '\0';
}

/* What each line of a reply begins with: "550-5.7.1 ", or a part of it. */
static size_t code_len(const char *line)
{
	size_t code = strspn(line, "0123456789");
	size_t enhanced;

	if (code != 3 || (line[3] != '-' && line[3] != ' '))
		return 0;
	enhanced = strspn(line + 4, "0123456789.");
	return line[4 + enhanced] == ' ' ? 4 + enhanced + 1 : 4;
}

/* A reply as one line for people: its lines one after another, the codes only
 * once.  Destroys reply. */
static void quote(char *reply, char *text, size_t size)
{
	size_t len = 0;
	char *line;

	if (code_len(reply) > 0)
		reply[3] = ' ';
	text[0] = '\0';
	while ((line = strsep(&reply, "\n")) && len < size - 1) {
		size_t skip = len > 0 ? code_len(line) : 0;

		line[strcspn(line, "\r")] = '\0';
		(void)snprintf(text + len, size - len, "%s%s",
			       len > 0 ? " " : "", line + skip);
		len = strlen(text);
	}
	str_printable(text, size, text);
}

void session_explain(const struct session *s, char *text, size_t size)
{
	const struct talk *talk = &s->talk;
	char buffer[120];

	if (s->no_starttls)
		(void)str_copy(text, size, "the server offers no STARTTLS");
	else if (s->words[0])
		(void)str_copy(text, size, s->words);
	else if (s->locked_out && talk->auth_code == 0)
		(void)snprintf(text, size, "the server offers neither AUTH "
			       "PLAIN nor AUTH LOGIN%s%s",
			       talk->ways[0] ? ", only " : "", talk->ways);
	else if (talk->code >= 400)
		(void)str_copy(text, size, talk->last);
	else if (talk->stage != STAGE_CONNECT && talk->last[0] &&
		 talk->code == 0)
		(void)snprintf(text, size, "no SMTP reply: %.140s",
			       talk->last);
	else if (talk->stage != STAGE_CONNECT)
		(void)snprintf(text, size, "no answer at %s",
			       stages_name(talk->stage));
	else if (smtp_strerror(smtp_errno(), buffer, sizeof(buffer)))
		(void)snprintf(text, size, "libesmtp got no connection: %.120s",
			       buffer);
	else
		(void)str_copy(text, size, "no connection");
}

struct outcome_signs session_signs(const struct session *s)
{
	const struct talk *talk = &s->talk;
	struct outcome_signs signs = {
		.eof = s->eof, .fenced = s->fenced,
		.locked_out = s->no_thread ||
			      (s->locked_out && talk->auth_code == 0),
	};

	if (!s->recipient)
		return signs;
	signs.mail = smtp_reverse_path_status(s->message)->code;
	signs.rcpt = smtp_recipient_status(s->recipient)->code;
	signs.message = smtp_message_transfer_status(s->message)->code;
	signs.complete = smtp_recipient_check_complete(s->recipient) != 0;
	if (signs.mail == 0)
		signs.stage = s->no_starttls ? "STARTTLS" :
			      s->no_thread ? "connect" :
			      s->locked_out ? "AUTH" :
			      stages_name(talk->stage);
	if (signs.mail == 0 && talk->code >= 400)
		signs.reply = talk->reply;
	return signs;
}

/* The library keeps the replies to MAIL and what follows; it goes on talking,
 * so what was heard last may be something else. */
static void find_reply(const struct session *s, struct outcome_signs *signs,
		       char *reply, size_t size)
{
	const smtp_status_t *status = find_status(s, signs);

	reply[0] = '\0';
	if (status)
		whole(status, reply, size);
	else if (signs->reply)
		(void)snprintf(reply, size, "%s", signs->reply);
	signs->reply = reply;
}

/* A log-in was refused: which mechanisms does the server want? */
static void add_ways(const struct session *s, struct sender_result *result)
{
	size_t len = strlen(result->text);

	if (result->outcome == OUTCOME_US && s->talk.ways[0] &&
	    s->talk.auth_code != 0)
		(void)snprintf(result->text + len, sizeof(result->text) - len,
			       "; it offers %s", s->talk.ways);
}

/* Did the relay end a session that had sent something, as is its right? */
static bool is_over(const struct session *s, const struct outcome_signs *signs,
		    enum outcome outcome)
{
	if (s->taken <= 1 ||
	    (outcome != OUTCOME_RELAY && outcome != OUTCOME_TOO_FAST))
		return false;
	return signs->mail == 0 || signs->mail == 421 ||
	       (outcome == OUTCOME_TOO_FAST && signs->mail >= 400);
}

void session_judge(struct session *s, const struct outcome_signs *seen)
{
	struct outcome_signs signs = *seen;
	struct sender_result result = { .code = 0 };
	struct outcome_verdict verdict;
	char reply[TALK_REPLY_MAX];

	if (s->judged)
		return;
	s->judged = true;
	signs.recipient = s->mail.recipient;	/* gone after done() */
	find_reply(s, &signs, reply, sizeof(reply));
	verdict = outcome_judge(&signs);
	result.outcome = verdict.outcome;
	result.rule = verdict.rule;
	result.guessed = verdict.guessed;
	result.code = outcome_code(&signs);
	result.stage = outcome_stage(&signs);
	result.too_many = s->taken <= 1 && signs.mail == 0 &&
			  result.code / 100 == 4 &&
			  s->talk.stage <= STAGE_EHLO;
	result.over = is_over(s, &signs, result.outcome);
	if (result.outcome == OUTCOME_UNCERTAIN)
		(void)str_copy(result.text, sizeof(result.text),
			       "no answer to the final dot");
	else if (reply[0])
		quote(reply, result.text, sizeof(result.text));
	else
		session_explain(s, result.text, sizeof(result.text));
	if (strcmp(result.stage, "AUTH") == 0)
		add_ways(s, &result);
	s->ops->done(s->ops->user, &result);
}
