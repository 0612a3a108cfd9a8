/* SPDX-License-Identifier: MIT */
/* SMTP sessions with libesmtp 1.1.0, as measured. */
#include "config.h"

#include "smtp/impl.h"
#include "smtp/prelude.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING_REPLIES 2	/* greeting, EHLO */
#define SECURE_REPLIES 8	/* and STARTTLS, handshake, EHLO, AUTH (3) */
#define TOKEN_REPLIES 11	/* AUTH twice as long: with another token */
#define ENVELOPE_REPLIES 4	/* MAIL, RCPT, DATA, RSET */

/* ---- the name that we say in EHLO --------------------------------------- */

int sender_hello_name(const char *setting, char name[SENDER_HELLO_MAX],
		      struct fault *why)
{
	if (setting[0]) {
		must(str_copy(name, SENDER_HELLO_MAX, setting));
		return 0;
	}
	if (gethostname(name, SENDER_HELLO_MAX) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "hello_name is empty and gethostname");
	name[SENDER_HELLO_MAX - 1] = '\0';
	return 0;
}

/* ---- the sender --------------------------------------------------------- */

struct sender_opts sender_opts_of(const struct mailconf *conf)
{
	return (struct sender_opts){
		.relays = &conf->relays,
		.hello_name = conf->hello_name,
		.connect_ms = conf->connect_timeout,
		.greeting_ms = conf->greeting_timeout,
		.envelope_ms = conf->envelope_timeout,
		.transfer_ms = conf->transfer_timeout,
		.final_ms = conf->final_timeout,
		.session_ms = conf->session_time,
	};
}

struct sender *sender_new(const struct sender_opts *opts, struct fault *why)
{
	struct sender *s = alloc_zeroed(1, sizeof(*s));
	char name[SENDER_HELLO_MAX];

	s->opts = *opts;
	s->channels = alloc_zeroed(opts->relays->count, sizeof(*s->channels));
	for (size_t i = 0; i < opts->relays->count; i++) {
		const struct relay_conf *conf = relayconf_at(opts->relays, i);

		s->channels[i].conf = conf;
		s->channels[i].dial = dial_new(&(struct dial_opts){
			.host = conf->host, .port = conf->port,
			.limit_ms = opts->connect_ms,
			.marks = opts->marks ? opts->marks[i] : NULL,
			.relay = opts->marks ? conf->item.name : NULL,
		});
		s->channels[i].sasl = (struct sasl){
			.mechanism = relayconf_token_way(conf),
			.user = conf->auth_user, .host = conf->host,
			.port = conf->port,
		};
	}
	if (sender_hello_name(opts->hello_name, name, why) == -1) {
		sender_free(s);
		return NULL;
	}
	s->hello_name = alloc_text(name);
	return s;
}

void sender_free(struct sender *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->opts.relays->count; i++) {
		dial_free(s->channels[i].dial);
		sender_tls_free(s->channels[i].tls);
	}
	free(s->channels);
	free(s->hello_name);
	free(s);
	auth_client_exit();	/* lets go of the plug-ins */
}

int sender_check(const struct conf_list *relays, struct fault *why)
{
	for (size_t i = 0; i < relays->count; i++) {
		const struct relay_conf *conf = relayconf_at(relays, i);
		struct sender_tls *tls;
		struct fault inner;

		if (relayconf_tls(conf) == RELAY_CLEAR)
			continue;
		tls = sender_tls_new(conf, &inner);
		if (!tls)
			return fault_set(why, FAULT_CONFIG, "[relay %s] %s",
					 conf->item.name, inner.text);
		sender_tls_free(tls);
	}
	return 0;
}

int64_t sender_mail_limit_ms(const struct sender_opts *opts)
{
	int replies = GREETING_REPLIES;

	for (size_t i = 0; i < opts->relays->count; i++) {
		const struct relay_conf *conf = relayconf_at(opts->relays, i);

		if (relayconf_token_way(conf))
			replies = TOKEN_REPLIES;
		else if (replies < SECURE_REPLIES &&
			 (relayconf_tls(conf) != RELAY_CLEAR ||
			  conf->auth_user[0]))
			replies = SECURE_REPLIES;
	}
	return replies * opts->greeting_ms +
	       ENVELOPE_REPLIES * opts->envelope_ms + opts->transfer_ms +
	       opts->final_ms;
}

/* ---- AUTH with PLAIN or LOGIN ------------------------------------------- */

/*
 * The library asks for what the mechanism needs.  Of its plug-ins only PLAIN
 * and LOGIN work (CRAM-MD5 does not load, NTLM is broken by design): any other
 * gets no answer, and the library tries the server's next one.
 */
static int answer_auth(auth_client_request_t request, char **result,
		       int fields, void *arg)
{
	const struct session *s = arg;
	const char *mechanism = auth_mechanism_name(s->auth);

	if (!mechanism || (strcasecmp(mechanism, "PLAIN") != 0 &&
			   strcasecmp(mechanism, "LOGIN") != 0))
		return 0;
	for (int i = 0; i < fields; i++) {
		if (request[i].flags & AUTH_PASS)
			result[i] = s->channel->conf->password;
		else if (request[i].flags & AUTH_USER)
			result[i] = s->channel->conf->auth_user;
		else
			result[i] = NULL;
	}
	return 1;
}

/* Gives the session the relay's user and password. */
static void login_open(struct session *s)
{
	auth_client_init();
	s->auth = auth_create_context();
	/* They fail only if memory runs out. */
	must(s->auth &&
	     auth_set_mechanism_flags(s->auth, AUTH_PLUGIN_PLAIN, 0) &&
	     auth_set_interact_cb(s->auth, answer_auth, s) &&
	     smtp_auth_set_context(s->smtp, s->auth));
}

static void login_close(struct session *s)
{
	(void)smtp_auth_set_context(s->smtp, NULL);
	if (s->auth)
		(void)auth_destroy_context(s->auth);
}

/* Would another mechanism change nothing? */
static bool login_is_final(int code)
{
	/* RFC 4954: log in first, mechanism too weak, wrong password, encrypt
	 * first; 550: Microsoft, to any password. */
	return code == 530 || code == 534 || code == 535 || code == 538 ||
	       code == 550;
}

/* ---- the session -------------------------------------------------------- */

/* Without TCP_NODELAY every mail above 2 KB costs 40 ms. */
static void tune_socket(const struct session *s)
{
	int on = 1;
	unsigned user_timeout_ms = (unsigned)s->sender->opts.transfer_ms;
	int fd = s->wire.fd;

	/* All three only make it quicker or notice a dead peer sooner. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
			 &user_timeout_ms, sizeof(user_timeout_ms));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

/* The server may speak from now on. */
static void begin_talk(struct session *s, enum stage first)
{
	s->connected = true;
	talk_connected(&s->talk, first);
	s->ops->progress(s->ops->user, SENDER_TALKS,
			 sender_mail_limit_ms(&s->sender->opts));
}

/* The library is ready to talk: it gets our connection. */
static void hand_over(struct session *s)
{
	int fd = handover_give(&s->handover, s->fd);

	if (fd == -1)
		return;		/* it finds its own one broken */
	s->fd = fd;
	s->given = true;
	if (!s->tunnel)
		begin_talk(s, STAGE_GREETING);
}

static void message_ended(struct session *s)
{
	struct outcome_signs signs = session_signs(s);
	/* The event also fires for a refused DATA.  Ask first: whoever is told
	 * of the mail's end drops it, and with it the recipient in the
	 * signs. */
	bool sent = outcome_judge(&signs).outcome == OUTCOME_SENT;

	session_judge(s, &signs);
	if (!sent)
		return;
	if (s->taken >= s->channel->conf->session_mails ||
	    ticks_ms() >= s->until_ms)
		return;
	if (!s->ops->next || s->ops->next(s->ops->user, &s->mail) != 1)
		return;
	s->ops->progress(s->ops->user, SENDER_TALKS,
			 sender_mail_limit_ms(&s->sender->opts));
	/* Not added (no memory): the end of the session judges it. */
	(void)session_add_message(s);
}

static void on_event(smtp_session_t smtp, int event, void *arg, ...)
{
	(void)smtp;
	if (event == SMTP_EV_CONNECT)
		hand_over(arg);
	else if (event == SMTP_EV_MESSAGESENT)
		message_ended(arg);
}

/* No call ends a session early: the connection is cut under it. */
static void lock_out(struct session *s)
{
	s->locked_out = true;
	stagewatch_forget(&s->talk.watch);
	(void)shutdown(s->fd, SHUT_RDWR);
}

/* Passes over what was heard before the library began. */
static void skip_known(struct session *s, const char **bytes, size_t *len)
{
	size_t n = s->known < *len ? s->known : *len;

	s->known -= n;
	*bytes += n;
	*len -= n;
}

/*
 * What the library reads and writes is seen only here.  It goes on to MAIL
 * after a failed AUTH, or without one if it knows none of the server's ways;
 * and tries a wrong password again with the next mechanism.
 */
static void on_monitor(const char *bytes, int count, int writing, void *arg)
{
	struct session *s = arg;
	size_t len = count > 0 ? (size_t)count : 0;

	if (s->locked_out)
		return;		/* it no longer reaches anybody */
	if (!writing) {
		skip_known(s, &bytes, &len);
		/* This is the library's own buffer, which it looks at
		 * afterwards. */
		talk_read(&s->talk, (char *)(uintptr_t)bytes, len);
		if (login_is_final(s->talk.auth_code))
			lock_out(s);
	} else if (s->greets) {
		s->greets = false;	/* written by itself, RFC 5321, 4.1.1 */
	} else if (s->channel->conf->auth_user[0] && !s->talk.logged_in &&
		   talk_is_mail(bytes, len)) {
		lock_out(s);
	} else {
		talk_wrote(&s->talk, bytes, len);
	}
}

static bool set_timeout(smtp_session_t smtp, int which, int64_t ms)
{
	return smtp_set_timeout(smtp, which |
				Timeout_OVERRIDE_RFC2822_MINIMUM,
				(long)ms) != 0;
}

/* Milliseconds, though its manual says seconds. */
static int set_times(struct session *s)
{
	const struct sender_opts *opts = &s->sender->opts;

	if (!smtp_set_hostname(s->smtp, s->sender->hello_name) ||
	    !smtp_set_eventcb(s->smtp, on_event, s) ||
	    !smtp_set_monitorcb(s->smtp, on_monitor, s, 0))
		return -1;
	if (!set_timeout(s->smtp, Timeout_GREETING, opts->greeting_ms) ||
	    !set_timeout(s->smtp, Timeout_ENVELOPE, opts->envelope_ms) ||
	    !set_timeout(s->smtp, Timeout_DATA, opts->envelope_ms) ||
	    !set_timeout(s->smtp, Timeout_TRANSFER, opts->transfer_ms) ||
	    !set_timeout(s->smtp, Timeout_DATA2, opts->final_ms))
		return -1;
	return 0;
}

/* ---- before the library ------------------------------------------------- */

/* Reads the certificates that are trusted for the relay, if it is to show one.
 * 0, or -1 with *why. */
static int trust(struct channel *channel, struct fault *why)
{
	if (relayconf_tls(channel->conf) != RELAY_CLEAR && !channel->tls)
		channel->tls = sender_tls_new(channel->conf, why);
	return relayconf_tls(channel->conf) == RELAY_CLEAR || channel->tls
	       ? 0 : -1;
}

/* Puts a tunnel between the library and the connection. */
static void dig(struct session *s, const struct buf *heard)
{
	struct fault why;

	s->tunnel = tunnel_new(&s->wire, heard, &s->fd, &why);
	s->no_thread = !s->tunnel;
	s->greets = true;
	if (s->no_thread)
		str_printable(s->words, sizeof(s->words), why.text);
}

static void note_end(struct session *s, enum prelude_end end)
{
	struct channel *channel = s->channel;

	s->no_starttls = end == PRELUDE_NO_STARTTLS;
	s->locked_out = end == PRELUDE_NO_LOGIN;
	s->unproven = end == PRELUDE_UNPROVEN;
	if (s->second)
		return;
	s->again = end == PRELUDE_AGAIN ||
		   (s->unproven && sender_tls_renew(&channel->tls,
						    channel->conf));
}

/* Makes the connection fit for the library: secured, logged in. */
static void prepare(struct session *s)
{
	const struct channel *channel = s->channel;
	const struct sender *sender = s->sender;
	bool implicit = relayconf_tls(channel->conf) == RELAY_IMPLICIT;
	const struct prelude_opts opts = {
		.talk = &s->talk, .tls = channel->tls, .implicit = implicit,
		.hello_name = sender->hello_name,
		.step_ms = sender->opts.greeting_ms,
		.sasl = channel->sasl, .tokens = &sender->opts.tokens,
		.relay = (size_t)(channel - sender->channels),
	};
	struct prelude_heard heard = { .text = BUF_INIT };
	enum prelude_end end;

	if (!channel->tls && !channel->sasl.mechanism) {
		s->fd = s->wire.fd;	/* as it is */
		s->wire.fd = -1;
		return;
	}
	begin_talk(s, implicit ? STAGE_TLS : STAGE_GREETING);
	end = prelude_run(&s->wire, &opts, &heard, s->words);
	s->known = heard.known;
	if (end == PRELUDE_GOOD) {
		sender_tls_keep(&s->wire);
		dig(s, &heard.text);
	} else {
		note_end(s, end);
	}
	buf_release(&heard.text);
}

/* ---- with one address --------------------------------------------------- */

static void run_library(struct session *s)
{
	struct fault why;

	if (handover_open(&s->handover, s->smtp, &why) == 0)
		/* Its value says that the protocol ran, not that a mail
		 * went. */
		(void)smtp_start_session(s->smtp);
	else
		str_printable(s->words, sizeof(s->words), why.text);
	handover_close(&s->handover);
	if (!s->given)
		(void)close(s->fd);
}

static void talk_to_server(struct session *s)
{
	if (s->channel->conf->auth_user[0] && !s->channel->sasl.mechanism)
		login_open(s);
	if (set_times(s) == 0 && session_add_message(s) == 0)
		prepare(s);
	else
		(void)str_copy(s->words, sizeof(s->words), "no memory");
	if (s->fd != -1)
		run_library(s);
	stagewatch_over(&s->talk.watch);
	tunnel_free(s->tunnel);
	wire_close(&s->wire);
	login_close(s);
}

/*
 * May another of the relay's addresses do better?  Yes if there was no greeting
 * or a bad one (RFC 5321 section 5.1), or if the handshake before it failed; a
 * 5xx to EHLO is about us, and so is what we refuse.
 */
static bool is_worth_another(const struct session *s)
{
	const struct talk *talk = &s->talk;

	return s->connected && !s->judged && s->taken == 1 &&
	       !s->locked_out && !s->unproven && !s->no_thread &&
	       (talk->stage == STAGE_GREETING ||
		(talk->stage == STAGE_TLS && talk->code == 0) ||
		(talk->stage == STAGE_EHLO && talk->code < 500));
}

/* The session is over.  Returns whether the next address is to be tried. */
static bool rate_address(const struct session *s)
{
	struct dial *dial = s->channel->dial;
	char words[160];
	char plain[160];

	if (is_worth_another(s)) {
		session_explain(s, words, sizeof(words));
		dial_refuse(dial, str_without_addresses(plain, sizeof(plain),
							words));
		return dial_has_more(dial);
	}
	if (s->talk.stage > STAGE_EHLO || s->locked_out)
		dial_accept(dial);
	return false;
}

/* A session with one address.  Returns whether there is to be another one. */
static bool try_address(struct session *s)
{
	struct outcome_signs signs;
	struct fault why;
	bool next = false;

	s->ops->progress(s->ops->user, SENDER_CONNECTS,
			 s->sender->opts.connect_ms);
	stagewatch_begin(&s->talk.watch, STAGE_CONNECT);
	s->wire.fd = dial_next(s->channel->dial, &why);
	if (s->wire.fd == -1) {
		stagewatch_over(&s->talk.watch);
		str_printable(s->words, sizeof(s->words), why.text);
	} else {
		tune_socket(s);
		talk_to_server(s);
		next = s->again || rate_address(s);
	}
	signs = session_signs(s);
	if (!next && !s->judged)
		session_judge(s, &signs);
	return next;
}

/* Certificates that cannot be read. */
static void tell_config(struct session *s, const struct fault *why)
{
	struct sender_result result = {
		.outcome = OUTCOME_US, .stage = "TLS", .rule = "",
	};

	str_printable(result.text, sizeof(result.text), why->text);
	s->ops->done(s->ops->user, &result);
	s->taken = 1;
}

int sender_run(struct sender *sender, size_t relay,
	       const struct sender_mail *first, const struct sender_ops *ops)
{
	struct channel *channel = &sender->channels[relay];
	int taken = 0;
	bool next = true;
	bool again = false;

	dial_begin(channel->dial);
	while (next) {
		struct session s = {
			.sender = sender, .channel = channel, .ops = ops,
			.mail = *first, .second = again,
			.until_ms = ticks_ms() + sender->opts.session_ms,
			.fd = -1, .wire = { .fd = -1 },
			.handover = { .door = -1 },
			.talk = { .show = sender->opts.show,
				  .show_arg = sender->opts.show_arg,
				  .watch = { .clock_us = ticks_us,
					     .tell = ops->took,
					     .waits = ops->waits,
					     .arg = ops->user } },
		};
		struct fault why;

		s.smtp = smtp_create_session();
		must(s.smtp != NULL);	/* it fails only if memory runs out */
		if (trust(channel, &why) == -1) {
			tell_config(&s, &why);
			next = false;
		} else {
			next = try_address(&s);
		}
		if (s.again) {
			again = true;
			dial_begin(channel->dial);
		}
		taken = s.taken;
		smtp_destroy_session(s.smtp);
	}
	return taken;
}
