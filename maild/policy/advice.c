/* SPDX-License-Identifier: MIT */
/* What an alert about a relay says. */
#include "config.h"

#include "policy/advice.h"

#include "base/str.h"
#include "smtpreply/answer.h"

#include <stddef.h>
#include <string.h>

const char *advice_key(enum advice_cause cause)
{
	static const char *const keys[] = {
		[ADVICE_US] = "relay-config",
		[ADVICE_QUOTA] = "relay-quota",
		[ADVICE_STORM] = "relay-storm",
		[ADVICE_CONTENT] = "relay-content",
		[ADVICE_NOBODY] = "relay-storm",
	};

	return keys[cause];
}

const char *advice_symptom(enum advice_cause cause)
{
	static const char *const symptoms[] = {
		[ADVICE_US] = "cannot be used as it is configured, mails wait",
		[ADVICE_QUOTA] = "takes no more mails for now, its limit is "
			"reached, mails wait",
		[ADVICE_STORM] = "refuses mails and does not clearly say why, "
			"they wait",
		[ADVICE_CONTENT] = "refuses one mail after the other for what "
			"it says, they wait",
		[ADVICE_NOBODY] = "refused recipients of many domains in a row "
			"and took no mail",
	};

	return symptoms[cause];
}

static const char log_in[] = "check auth_user and auth_password_file, or "
	"what its access token is for";
static const char sender[] = "set mail_from_address and envelope_from to an "
	"address that it lets you send from";
static const char name[] = "set hello_name to this host's full name in DNS";
static const char tls[] = "check tls, tls_ca_file and tls_name";

/* The first that fits counts: what names the cause comes before what any
 * refusal may say. */
static const struct {
	const char *word;
	const char *remedy;
} by_word[] = {
	{ "no thread", "let maild have more processes and threads (TasksMax, "
		"ulimit -u)" },
	{ "helo", name },
	{ "ehlo", name },
	{ "ptr", name },
	{ "reverse", name },
	{ "rdns", name },
	{ "spf", "publish SPF for the domain of envelope_from" },
	{ "dkim", "have mails of mail_from_address's domain signed (DKIM)" },
	{ "dmarc", "publish SPF, DKIM and DMARC for the domain of "
		"mail_from_address" },
	{ "unauthenticated", "publish SPF, DKIM and DMARC for the domain of "
		"mail_from_address" },
	{ "starttls", tls },
	{ "encrypt", tls },
	{ "listed", "have this host's address taken off that list, or use "
		"another relay" },
	{ "blocklist", "have this host's address taken off that list, or use "
		"another relay" },
	{ "blacklist", "have this host's address taken off that list, or use "
		"another relay" },
	{ "relay", "log in with auth_user, or have it relay for this host" },
	{ "authent", log_in },
	{ "credential", log_in },
	{ "password", log_in },
	{ "log in", log_in },
	{ "suspend", "ask your provider about the account of auth_user" },
	{ "account", "ask your provider about the account of auth_user" },
	{ "sender", sender },
	{ "from", sender },
};

/* At this step it can be nothing else. */
static const struct {
	const char *stage;
	const char *remedy;
} by_stage[] = {
	{ "STARTTLS", tls },
	{ "TLS", tls },
};

/* The server, or we on its behalf, may say which one it wants. */
static const char *of_log_in(const char *reply)
{
	if (str_contains_nocase(reply, "basic authentication"))
		return "it takes no passwords: set auth = xoauth2";
	if (str_contains_nocase(reply, "the server offers n"))
		return "set auth to a way that it offers, or auth_user to "
			"nothing";
	return log_in;
}

static const char *of_us(const char *stage, const char *reply)
{
	if (strcmp(stage, "AUTH") == 0)
		return of_log_in(reply);
	for (size_t i = 0; i < ARRAY_COUNT(by_stage); i++)
		if (strcmp(stage, by_stage[i].stage) == 0)
			return by_stage[i].remedy;
	/* It is said in other words, too, and at any step. */
	if (strcmp(answer_judge(stage, reply, NULL).rule, "ehlo-name") == 0)
		return name;
	for (size_t i = 0; i < ARRAY_COUNT(by_word); i++)
		if (str_contains_nocase(reply, by_word[i].word))
			return by_word[i].remedy;
	if (strcmp(stage, "MAIL") == 0)
		return sender;
	if (strcmp(stage, "EHLO") == 0)
		return name;
	if (strcmp(stage, "greeting") == 0)
		return "ask who runs it whether this host may use it";
	return "ask who runs it; see mail_from_address, auth_user and "
		"hello_name";
}

const char *advice_remedy(enum advice_cause cause, const char *stage,
			  const char *reply)
{
	switch (cause) {
	case ADVICE_US:
		return of_us(stage, reply);
	case ADVICE_QUOTA:
		return "they go out when it takes them again; have the limit "
			"raised, or set rate";
	case ADVICE_CONTENT:
		return "look at the template and its links, and ask who runs "
			"it";
	default:
		return "ask who runs it";
	}
}
