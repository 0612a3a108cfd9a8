/* SPDX-License-Identifier: MIT */
/* SMTP sessions: the only file that knows libesmtp 1.1.0, as measured. */
#include "config.h"

#include "sender.h"

#include "alloc.h"
#include "str.h"
#include "ticks.h"

#include <stddef.h>
#include <libesmtp.h>

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE_BYTES 16384	/* larger ones can be lost in a time-out */
#define ENVELOPE_REPLIES 4	/* EHLO, MAIL, RCPT, DATA */

struct sender {
	struct sender_opts opts;	/* texts are our copies */
	char *server;			/* "host:port" */
	char *hello_name;
};

/* One session, on sender_run()'s stack. */
struct session {
	struct sender *sender;
	const struct sender_ops *ops;
	void *user;
	smtp_session_t smtp;

	struct sender_mail mail;	/* in hand */
	smtp_message_t message;
	smtp_recipient_t recipient;
	size_t offset;			/* bytes of it given to the library */
	bool eof;			/* its end was given */
	bool gated;			/* the gate was asked */
	bool fenced;			/* and refused */
	bool stalled;			/* given up: the body may have a hole */
	bool judged;			/* done() was called for it */
	int64_t piece_at_ms;		/* when the last piece was given */

	int taken;			/* mails so far */
	int64_t until_ms;		/* no new mail after this */
	int expected_fd;		/* lowest free descriptor before connect */
	char last_line[160];		/* the server's last line */
};

struct sender *sender_new(const struct sender_opts *opts, struct fault *why)
{
	struct sender *s = alloc_zeroed(1, sizeof(*s));

	s->opts = *opts;
	s->server = alloc_printf("%s:%d", opts->host, opts->port);
	if (opts->hello_name[0]) {
		s->hello_name = alloc_text(opts->hello_name);
	} else {
		char name[HOST_NAME_MAX + 1];

		if (gethostname(name, sizeof(name)) == -1) {
			fault_set_errno(why, FAULT_CONFIG, errno,
					"hello_name is empty and gethostname");
			sender_free(s);
			return NULL;
		}
		s->hello_name = alloc_text(name);
	}
	s->opts.host = s->server;
	s->opts.hello_name = s->hello_name;
	return s;
}

void sender_free(struct sender *s)
{
	if (!s)
		return;
	free(s->server);
	free(s->hello_name);
	free(s);
}

int64_t sender_mail_limit_ms(const struct sender_opts *opts)
{
	return opts->greeting_ms + ENVELOPE_REPLIES * opts->envelope_ms +
	       opts->transfer_ms + opts->final_ms;
}

/* ---- the message ---------------------------------------------------------- */

/*
 * The dot gate.  libesmtp may ask for the end twice: the answer is kept.  With
 * errno set and no bytes it drops the connection before the dot.
 */
static const char *give_end(struct session *s, int *len)
{
	*len = 0;
	s->eof = !s->stalled;
	if (s->eof && !s->gated) {
		s->gated = true;
		s->fenced = s->ops->gate(s->user) == -1;
	}
	/* A stale errno would abort a good mail. */
	errno = s->fenced || s->stalled ? ECANCELED : 0;
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
	if (left == 0 || s->stalled)
		return give_end(s, len);
	piece = s->mail.bytes + s->offset;
	*len = left < PIECE_BYTES ? (int)left : PIECE_BYTES;
	s->offset += (size_t)*len;
	errno = 0;
	return piece;
}

/* Adds the mail in s->mail to the session.  Returns 0, or -1. */
static int add_message(struct session *s)
{
	s->message = smtp_add_message(s->smtp);
	if (!s->message)
		return -1;
	s->recipient = NULL;
	s->offset = 0;
	s->eof = s->gated = s->fenced = s->stalled = s->judged = false;
	s->piece_at_ms = 0;
	s->taken++;
	if (!smtp_set_reverse_path(s->message, s->mail.envelope_from) ||
	    !smtp_set_messagecb(s->message, give_message, s))
		return -1;
	s->recipient = smtp_add_recipient(s->message, s->mail.recipient);
	return s->recipient ? 0 : -1;
}

/* ---- the verdict ---------------------------------------------------------- */

static void describe(struct session *s, const struct outcome_signs *signs,
		     char *text, size_t size)
{
	char buffer[160];
	const smtp_status_t *status = NULL;
	int code = outcome_code(signs);

	if (code != 0) {
		if (code == signs->message)
			status = smtp_message_transfer_status(s->message);
		else if (code == signs->rcpt)
			status = smtp_recipient_status(s->recipient);
		else
			status = smtp_reverse_path_status(s->message);
	}
	if (status && status->text && status->code == code) {
		char first[160];

		(void)snprintf(first, sizeof(first), "%s", status->text);
		first[strcspn(first, "\r\n")] = '\0';
		str_printable(first, sizeof(first), first);
		if (status->enh_class > 0)	/* RFC 3463 */
			(void)snprintf(text, size, "%d %d.%d.%d %.130s", code,
				       status->enh_class, status->enh_subject,
				       status->enh_detail, first);
		else
			(void)snprintf(text, size, "%d %.150s", code, first);
		return;
	}
	if (s->last_line[0]) {
		(void)snprintf(text, size, "%s", s->last_line);
		return;
	}
	if (!smtp_strerror(smtp_errno(), buffer, sizeof(buffer)))
		(void)snprintf(buffer, sizeof(buffer), "no connection");
	str_printable(text, size, buffer);
}

static struct outcome_signs read_signs(const struct session *s)
{
	struct outcome_signs signs = { .eof = s->eof, .fenced = s->fenced };

	if (!s->recipient)
		return signs;
	signs.mail = smtp_reverse_path_status(s->message)->code;
	signs.rcpt = smtp_recipient_status(s->recipient)->code;
	signs.message = smtp_message_transfer_status(s->message)->code;
	signs.complete = smtp_recipient_check_complete(s->recipient) != 0;
	return signs;
}

static void judge(struct session *s, const struct outcome_signs *signs)
{
	struct sender_result result = {
		.outcome = outcome_classify(signs),
		.code = outcome_code(signs),
		.stage = outcome_stage(signs),
	};

	if (s->judged)
		return;
	s->judged = true;
	if (result.outcome == OUTCOME_UNCERTAIN)
		(void)str_copy(result.text, sizeof(result.text),
			       "no answer to the final dot");
	else
		describe(s, signs, result.text, sizeof(result.text));
	s->ops->done(s->user, &result);
}

/* ---- the session ---------------------------------------------------------- */

/*
 * Without TCP_NODELAY every mail above 2 KB costs 40 ms.  No call gives the
 * socket; it is the lowest descriptor that was free, if it is connected.
 */
static void tune_socket(const struct session *s)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int on = 1;
	unsigned user_timeout_ms = (unsigned)s->sender->opts.transfer_ms;

	if (getpeername(s->expected_fd, (struct sockaddr *)&peer, &len) == -1)
		return;
	/* All three only make it quicker or notice a dead peer sooner. */
	(void)setsockopt(s->expected_fd, IPPROTO_TCP, TCP_NODELAY, &on,
			 sizeof(on));
	(void)setsockopt(s->expected_fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
			 &user_timeout_ms, sizeof(user_timeout_ms));
	(void)setsockopt(s->expected_fd, SOL_SOCKET, SO_KEEPALIVE, &on,
			 sizeof(on));
}

static int lowest_free_fd(void)
{
	int fd = dup(STDIN_FILENO);

	if (fd != -1)
		(void)close(fd);
	return fd;
}

static void message_ended(struct session *s)
{
	struct outcome_signs signs = read_signs(s);

	/* The event also fires for a refused DATA. */
	judge(s, &signs);
	if (outcome_classify(&signs) != OUTCOME_SENT)
		return;
	if (s->taken >= s->sender->opts.session_mails ||
	    ticks_ms() >= s->until_ms)
		return;
	if (s->ops->next(s->user, &s->mail) != 1)
		return;
	s->ops->progress(s->user, sender_mail_limit_ms(&s->sender->opts));
	/* Not added (no memory): the end of the session judges it. */
	(void)add_message(s);
}

static void on_event(smtp_session_t smtp, int event, void *arg, ...)
{
	struct session *s = arg;

	(void)smtp;
	switch (event) {
	case SMTP_EV_CONNECT:
		tune_socket(s);
		s->ops->progress(s->user,
				 sender_mail_limit_ms(&s->sender->opts));
		break;
	case SMTP_EV_MESSAGESENT:
		message_ended(s);
		break;
	default:
		break;
	}
}

/* Keeps the server's last line: the greeting and EHLO are seen only here. */
static void on_monitor(const char *bytes, int len, int writing, void *arg)
{
	struct session *s = arg;
	char line[160];
	size_t n = (size_t)len;

	if (writing || len <= 0)
		return;
	while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
		n--;
	if (n >= sizeof(line))
		n = sizeof(line) - 1;
	memcpy(line, bytes, n);
	line[n] = '\0';
	str_printable(s->last_line, sizeof(s->last_line), line);
}

static bool set_timeout(smtp_session_t smtp, int which, int64_t ms)
{
	return smtp_set_timeout(smtp, which |
				Timeout_OVERRIDE_RFC2822_MINIMUM,
				(long)ms) != 0;
}

/* Milliseconds, though its manual says seconds. */
static int set_up(struct session *s)
{
	const struct sender_opts *opts = &s->sender->opts;

	if (!smtp_set_server(s->smtp, s->sender->server) ||
	    !smtp_set_hostname(s->smtp, s->sender->hello_name) ||
	    !smtp_set_eventcb(s->smtp, on_event, s) ||
	    !smtp_set_monitorcb(s->smtp, on_monitor, s, 0))
		return -1;
	if (!set_timeout(s->smtp, Timeout_GREETING, opts->greeting_ms) ||
	    !set_timeout(s->smtp, Timeout_ENVELOPE, opts->envelope_ms) ||
	    !set_timeout(s->smtp, Timeout_DATA, opts->envelope_ms) ||
	    !set_timeout(s->smtp, Timeout_TRANSFER, opts->transfer_ms) ||
	    !set_timeout(s->smtp, Timeout_DATA2, opts->final_ms))
		return -1;
	return add_message(s);
}

int sender_run(struct sender *sender, const struct sender_mail *first,
	       const struct sender_ops *ops, void *user)
{
	struct session s = {
		.sender = sender, .ops = ops, .user = user, .mail = *first,
		.until_ms = ticks_ms() + sender->opts.session_ms,
	};

	s.smtp = smtp_create_session();
	must(s.smtp != NULL);	/* only for want of memory */
	ops->progress(user, sender->opts.connect_ms);
	if (set_up(&s) == 0) {
		s.expected_fd = lowest_free_fd();
		/* Its value says that the protocol ran, not that a mail went. */
		(void)smtp_start_session(s.smtp);
	}
	if (!s.judged) {
		struct outcome_signs signs = read_signs(&s);

		judge(&s, &signs);
	}
	smtp_destroy_session(s.smtp);
	return s.taken;
}
