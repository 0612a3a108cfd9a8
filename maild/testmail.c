/* SPDX-License-Identifier: MIT */
/* maild --test-mail: one mail through the real path, to be watched. */
#include "config.h"

#include "testmail.h"

#include "base/alloc.h"
#include "bounce/returnpath.h"
#include "compose/compose.h"
#include "policy/backoff.h"
#include "queue/envelope.h"
#include "smtp/sender.h"
#include "token/source.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* A server that sends one byte a second is never late, and no master
 * watches. */
static void too_late(int number)
{
	static const char words[] = "no end within the time-outs\n";

	(void)number;
	(void)!write(STDOUT_FILENO, words, sizeof(words) - 1);
	_exit(EX_TEMPFAIL);
}

static void limit(void *user, enum sender_step step, int64_t ms)
{
	(void)user;
	(void)step;
	(void)alarm((unsigned)(ms / 1000 + 1));
}

static void show(void *arg, const char *line)
{
	(void)arg;
	(void)printf("%s\n", line);
	(void)fflush(stdout);
}

static int gate(void *user)
{
	(void)user;
	(void)printf("C: (the mail)\n");
	return 0;
}

static void done(void *user, const struct sender_result *result)
{
	struct sender_result *out = user;

	*out = *result;
}

/* ---- access tokens: there is no master that keeps them ------------------ */

struct tokens {
	const struct mailconf *conf;
	struct token_answer has;	/* "" = none yet */
};

static int token_get(void *arg, size_t relay, char token[SENDER_TOKEN_MAX],
		     struct fault *why)
{
	struct tokens *t = arg;
	struct fault inner;

	if (t->has.token[0] == '\0' &&
	    token_fetch(relayconf_at(&t->conf->relays, relay), &t->has,
			&inner) == -1) {
		explicit_bzero(t->has.token, sizeof(t->has.token));
		return fault_set(why, FAULT_CONFIG, "no access token: %s",
				 inner.text);
	}
	memcpy(token, t->has.token, SENDER_TOKEN_MAX);
	return 0;
}

static void token_refused(void *arg, size_t relay, const char *token)
{
	struct tokens *t = arg;

	(void)relay;
	(void)token;
	explicit_bzero(t->has.token, sizeof(t->has.token));
}

/* ---- the mail ----------------------------------------------------------- */

static int find_relay(const struct mailconf *conf, const char *name,
		      size_t *out)
{
	for (size_t i = 0; i < conf->relays.count; i++) {
		if (name && strcmp(relayconf_at(&conf->relays, i)->item.name,
				   name) != 0)
			continue;
		*out = i;
		return 0;
	}
	(void)fprintf(stderr, "maild: there is no relay \"%s\"\n", name);
	return -1;
}

/* 0, or -1 with *why. */
static int make_envelope(const char *address, struct envelope *out,
			 struct fault *why)
{
	/* A plain address has nothing that JSON would have to escape. */
	char *text = alloc_printf(
		"{\"v\":1,\"id\":\"test-mail.%016llx\",\"kind\":\"notice\","
		"\"to\":{\"email\":\"%s\"},\"data\":{\"subject\":\"Test\","
		"\"paragraphs\":[\"maild --test-mail\"]}}",
		(unsigned long long)backoff_dice(), address);
	int result = envelope_parse(text, strlen(text), out, why);

	free(text);
	return result;
}

/* Makes the mail as a worker would.  0, or -1 with *why. */
static int compose(const struct mailconf *conf, const struct envelope *envelope,
		   struct buf *out, struct fault *why)
{
	struct compose_opts opts = compose_opts_of(conf);
	struct composer *composer = composer_new(&opts, why);
	int result;

	if (!composer)
		return -1;
	result = compose_mail(composer, envelope, out, why);
	composer_free(composer);
	return result;
}

static int exit_status(const struct sender_result *result)
{
	switch (result->outcome) {
	case OUTCOME_SENT:
		return 0;
	case OUTCOME_US:
		return strcmp(result->stage, "AUTH") == 0 ? EX_NOPERM
							  : EX_CONFIG;
	case OUTCOME_RECIPIENT:
		return EX_NOUSER;
	case OUTCOME_CONTENT:
		return EX_UNAVAILABLE;
	default:
		return EX_TEMPFAIL;
	}
}

static int send_mail(const struct mailconf *conf, size_t relay,
		     const struct sender_mail *mail)
{
	const struct relay_conf *to = relayconf_at(&conf->relays, relay);
	struct sender_opts opts = sender_opts_of(conf);
	struct tokens tokens = { .conf = conf };
	struct sigaction late = { .sa_handler = too_late };
	struct sender_result result = { .outcome = OUTCOME_RELAY };
	const struct sender_ops ops = {
		.user = &result, .gate = gate, .done = done, .progress = limit,
	};
	static const char *const ways[] = {
		[RELAY_CLEAR] = "in clear",
		[RELAY_STARTTLS] = "STARTTLS required",
		[RELAY_IMPLICIT] = "TLS from the first byte",
	};
	struct sender *sender;
	struct fault why;

	opts.show = show;
	opts.tokens = (struct sender_tokens){
		.get = token_get, .refused = token_refused, .arg = &tokens,
	};
	sender = sender_new(&opts, &why);
	if (!sender) {
		(void)fprintf(stderr, "maild: %s\n", why.text);
		return EX_CONFIG;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigaction(SIGALRM, &late, NULL);
	(void)printf("relay %s: %s, port %lld, %s\n", to->item.name, to->host,
		     (long long)to->port, ways[relayconf_tls(to)]);
	(void)sender_run(sender, relay, mail, &ops);
	(void)alarm(0);
	sender_free(sender);
	explicit_bzero(&tokens, sizeof(tokens));
	(void)printf("%s at %s: %s\n", outcome_name(result.outcome),
		     result.stage, result.text);
	return exit_status(&result);
}

int testmail_run(const struct mailconf *conf, const char *address,
		 const char *relay)
{
	char return_path[RETURNPATH_MAX];
	struct buf message = BUF_INIT;
	struct envelope envelope = { .to_email = NULL };
	struct fault why;
	size_t index;
	int status;

	if (!envelope_address_is_plain(address)) {
		(void)fprintf(stderr, "maild: \"%s\" is not an address fit for "
			      "SMTP\n", address);
		return EX_USAGE;
	}
	if (find_relay(conf, relay, &index) == -1)
		return EX_USAGE;
	if (make_envelope(address, &envelope, &why) == -1 ||
	    compose(conf, &envelope, &message, &why) == -1) {
		(void)fprintf(stderr, "maild: %s\n", why.text);
		status = EX_CONFIG;
	} else {
		struct sender_mail mail = {
			.envelope_from = return_path,
			.recipient = address, .envid = envelope.id,
			.bytes = message.data, .len = message.len,
		};

		returnpath_make(conf, envelope.id, return_path);
		status = send_mail(conf, index, &mail);
	}
	envelope_release(&envelope);
	buf_release(&message);
	return status;
}
