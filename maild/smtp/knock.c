/* SPDX-License-Identifier: MIT */
/* Knocks at a relay's door: would a session begin? */
#include "config.h"

#include "smtp/knock.h"

#include "base/str.h"
#include "smtp/dial.h"
#include "smtp/prelude.h"

#include <stdbool.h>
#include <stdio.h>

/* The server at the other end greets.  Otherwise words say what it does. */
static bool is_greeted(struct wire *wire, const struct prelude_opts *opts,
		       char words[160])
{
	static const char leave[] = "QUIT\r\n";
	struct talk *talk = opts->talk;
	char fault[160];
	bool good;
	short wants;

	*talk = (struct talk){ .stage = STAGE_CONNECT };
	talk_connected(talk, opts->implicit ? STAGE_TLS : STAGE_GREETING);
	good = prelude_greet(wire, opts, fault) == PRELUDE_GOOD;
	if (talk->last[0])
		(void)snprintf(words, 160, "says %.100s", talk->last);
	else if (fault[0])
		(void)snprintf(words, 160, "fails: %.150s", fault);
	else
		(void)str_copy(words, 160, "does not greet");
	/* Only good manners: what becomes of it changes nothing. */
	if (good || !wire->ssl)
		(void)!wire_write(wire, leave, sizeof(leave) - 1, &wants);
	return good;
}

/* Tries one address after the other.  0, or -1 with words, or, if no connection
 * was made, with *away. */
static int try_all(struct dial *dial, const struct prelude_opts *opts,
		   char words[160], struct fault *away)
{
	bool good = false;

	dial_begin(dial);
	do {
		struct wire wire = { .fd = dial_next(dial, away) };

		if (wire.fd == -1)
			return -1;
		good = is_greeted(&wire, opts, words);
		wire_close(&wire);
		if (!good)
			dial_refuse(dial, words);
	} while (!good && dial_has_more(dial));
	away->class = FAULT_NONE;
	return good ? 0 : -1;
}

int knock(const struct mailconf *conf, const struct relay_conf *relay,
	  struct fault *why)
{
	bool implicit = relayconf_tls(relay) == RELAY_IMPLICIT;
	struct sender_tls *tls = implicit ? sender_tls_new(relay, why) : NULL;
	struct talk talk;
	const struct prelude_opts opts = {
		.talk = &talk, .tls = tls, .implicit = implicit,
		.step_ms = conf->greeting_timeout,
	};
	char words[160] = "";
	struct fault away;
	struct dial *dial;
	int result;

	if (implicit && !tls)
		return -1;
	dial = dial_new(&(struct dial_opts){
		.host = relay->host, .port = relay->port,
		.limit_ms = conf->connect_timeout,
	});
	result = try_all(dial, &opts, words, &away);
	(void)fault_set(why, FAULT_NONE, "%s", dial_trouble(dial));
	dial_free(dial);
	sender_tls_free(tls);
	if (result == 0)
		return 0;
	return away.class != FAULT_NONE
	       ? fault_set(why, FAULT_RETRY, "mail server %s:%lld does not "
			   "answer: %s", relay->host, (long long)relay->port,
			   away.text)
	       : fault_set(why, FAULT_RETRY, "mail server %s:%lld %s",
			   relay->host, (long long)relay->port, words);
}
