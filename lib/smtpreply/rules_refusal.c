/* SPDX-License-Identifier: MIT */
/*
 * The rules for refusals that speak of no limit: who or what is refused, the
 * relay's own trouble, what the codes say, and what is left.  They follow those
 * of rules_limit.c, which names their sources.
 */
#include "config.h"

#include "smtpreply/impl.h"
#include "smtpreply/words.h"

const struct answer_rule answer_rules_refusal[] = {

/* ---- log-in, TLS, the name in EHLO -------------------------------------- */
{ "login-fault-passes", ANSWER_RELAY,
  .says = "temporary authentication failure|temporar* authentication|"
	"authentication temporar*|unable to authenticate at present|"
	"authentication server|authentication service|auth server|"
	"authentication backend|authentication mechanism is temporar*|"
	"cannot authenticate temporar*" },
{ "password-transition", ANSWER_US, .code = "432", .stages = AT_AUTH },
{ "session-fault-passes", ANSWER_RELAY, .code = "4*",
  .stages = AT_STARTTLS | AT_AUTH },
{ "login", ANSWER_US, .code = "530 534 535 538" },
{ "login", ANSWER_US, .stages = AT_AUTH, .code = "5*",
  .not = "internal error|local error|system error" },
{ "login", ANSWER_US,
  .says = "authenticat*|authentification*|authentifizi*|autentic*|"
	"autentificaci?n|smtp auth|smtp-auth|auth command|auth|"
	"auth required|auth first|esmtpa|not logged in|log in|logged in|"
	"log-in|login|sign in|password|credentials|api key|starttls|tls|ssl|"
	"encryption|encrypted|encrypt|cleartext|verschl?ssel*|chiffrement|"
	"mot de passe|passwort|anmelden|anmeldung|einloggen|contrase?a|"
	"pop before smtp|check your mail first|pop3 first|submission port|"
	"port 587|port 465",
  .not = "user unknown|unknown user|no such user|mailbox unavailable|"
	"not authori?ed to receive|tls error|tls handshake" },
{ "ehlo-name", ANSWER_US,
  .says = "helo|ehlo|fqdn|hello name|lhlo|helo-name|"
	"fully-qualified hostname|fully qualified hostname|"
	"fully-qualified host name" },
{ "relaying", ANSWER_US,
  .says = "relay access|relaying|relay denied|relay not*|relay operation*|"
	"not permitted to relay|unable to relay|not relay|cannot relay|"
	"cant relay|wont relay|not a relay|no relay*|relay disallowed|"
	"relay prohibited|relay this|relay from|relay through|to relay|"
	"relay for|relay mail|relay attempt|relay rejected|relay is|"
	"rcpthosts|not a gateway|third party relay|allowed to relay|"
	"relayage|relais|weiterleitung*|relais refus?|reenv?o|retransmi*" },

/* ---- our sender address, account, domain -------------------------------- */
{ "relaying", ANSWER_US,
  .says = "relay|relays|relayed|relaying",
  .not = "user unknown|unknown user|addressee*|recipient table|temporar*|"
	"unavailable|timeout|busy|no such user*|mailbox not found|"
	"mailbox unavailable|does not exist|doesnt exist" },
{ "sender-refused", ANSWER_US,
  .says = SENDER_WORDS,
  .and = "rejected|reject|denied|refused|invalid|unknown|not found|"
	"not exist|doesnt exist|does not exist|must exist|not allowed|"
	"not permitted|not accepted|not owned|unverified|not verified|"
	"not a verified|verify|verif*|blocked|banned|bad|not valid|mismatch|"
	"does not match|doesnt match|must match|match|same as|must be|equal|"
	"not same|permission*|unable|failed|failure|fail|cannot|could not|"
	"not in|missing|malformed|required|disabled|suspended|"
	"not authori?ed|unauthori?ed|forbidden|prohibited|not resolv*|"
	"unresolvable|resolve|null mx|disallowed|restricted|unqualified|"
	"not match*|not signed|not fully|need|needs|not active|"
	"not confirmed|not configured|unconfigured|untrusted|signature|"
	"not approved|unacceptable|incorrect|invalide|refus*|interdit*|"
	"ung?ltig*|unzul?ssig|abgelehnt|nicht erlaubt|nicht zugelassen|"
	"rechaz*|rifiutat*|rejeitad*|no permitid*|non consentit*|"
	"n?o permitid*|administratively|not a valid|isnt a valid|mismatch*|"
	"mismatched",
  .not = "user unknown in virtual|recipient not found" },
{ "sender-account", ANSWER_US,
  .says = "your account|your email address|your e-mail address|"
	"your domain|your ip|your ips|your host|your server|"
	"your mail server|your access|your address|your message stream|"
	"your network|your isp|your organization|your tenant|tenant|"
	"this account|this ip|ip address|sending ip|originating ip|"
	"connecting ip|client ip|client host|clients ip|client blocked|"
	"this client|ip range|this range|sandbox|sandbox subdomains|"
	"unregistered domain*|mail server has|smtp account|sending account|"
	"server ip|source ip|remote ip|client",
  .and = "suspended|disabled|blocked|banned|not allowed|not activated|"
	"activate|denied|rejected|refused|not verified|verify|"
	"not authori?ed|unauthori?ed|not permitted|hold|limited|restricted|"
	"exceeded|threshold|compromised|abuse|spam|terminated|locked|closed|"
	"inactive|review|not enabled|deactivated|blocklisted|forbidden|"
	"prohibited|not accepted|only for|test purposes|permission*|"
	"not registered|unregistered|expired|poor|policy|unsolicited|"
	"refusing|frozen|unknown|cannot find|not configured|not active|"
	"pending|gesperrt|blockiert|bloqu*",
  .not = "recipient is|recipient address rejected|user unknown|no such user|"
	"discontinued|mailbox|domain administrator|your administrator" },
{ "not-allowed-to-send", ANSWER_US,
  .says = "not allowed to send|not permitted to send|not authori?ed to send|"
	"cannot send|cant send|unable to send|permission* to send|"
	"permissions to send|send as|sendas|send-as|send on behalf|"
	"unauthori?ed ip*|banned sending|no smtp service|not verified|"
	"email address is not verified|identities failed|"
	"domain is not verified|sender signature|local user only|"
	"registered users|authori?ed users|authenticated users|"
	"for test purposes|smtp service not available for|outgoing mail|"
	"your sending|sending paused|sending suspended|sending domain|"
	"account is under review|authorized recipients|testing emails|"
	"payment*|unpaid|overdue|invoice*|subscription has|"
	"subscription expired|organi?ation has|not a sender|dns mx or a|"
	"domain of sender|"
	"bad sender|invalid sender|spammer*|administrative prohibition|"
	"administratively prohibited|configuration set|sending activity|"
	"unusual activity|suspicious activity|known spam*|spam sender|"
	"spam source|ip based|domain based|compromised|unsubscribe header|"
	"hacked|go away|due to abuse|for abuse|rejection abuse|"
	"envelope blocked|access from|no service for|"
	"do not accept mail from|does not accept mail from|"
	"not accept mail from|refuse mail from|refused mail from|"
	"reject mail from|mail from ip|messages from|mail from your|"
	"connections from|connection from|connection rejected|"
	"connection refused|connection denied|ask your postmaster|"
	"postmaster for help|contact your isp|not authori?ed",
  .not = "user unknown|no such user|mailbox full|too many" },

/* ---- the mailbox -------------------------------------------------------- */
{ "size", ANSWER_CONTENT, .code = "5*", .stages = AT_MAIL,
  .says = "size|message-size|too large|too big|databytes|larger than" },
{ "size", ANSWER_CONTENT, .code = "5*", .stages = AT_MESSAGE,
  .says = "message size|message-size exceed*|message too large|"
	"message too big|message length|databytes" },
{ "mailbox-full", ANSWER_RECIPIENT_LATER, ANSWER_MAILBOX_FULL, .code = "4*",
  .says = FULL_WORDS, .not = SYSTEM_FULL_WORDS },
{ "mailbox-full-later", ANSWER_RECIPIENT_LATER, ANSWER_MAILBOX_FULL,
  .code = "5*", .says = "full|storage full|over-quota",
  .and = "try again|try later|later|temporar*",
  .not = SYSTEM_FULL_WORDS },
{ "mailbox-full", ANSWER_RECIPIENT, ANSWER_MAILBOX_FULL, .code = "5*",
  .says = FULL_WORDS, .not = SYSTEM_FULL_WORDS },
{ "mailbox-full", ANSWER_RECIPIENT, ANSWER_MAILBOX_FULL, .code = "552",
  .stages = AT_RCPT, .says = "too much mail data" },
{ "mailbox-quota", ANSWER_RECIPIENT_LATER, ANSWER_MAILBOX_FULL, .code = "4*",
  .stages = AT_RCPT | AT_BODY, .says = "quota|quotas|overquota",
  .not = "queue|system|server|sending" },
{ "mailbox-quota", ANSWER_RECIPIENT, ANSWER_MAILBOX_FULL, .code = "5*",
  .stages = AT_RCPT | AT_BODY, .says = "quota|quotas|overquota",
  .not = "queue|system|server|sending" },
{ "mailbox-passing", ANSWER_RECIPIENT_LATER,
  .says = MAILBOX_WORDS,
  .and = "temporar* locked|temporar* disabled|temporar* unavailable|"
	"temporar* blocked|temporar* suspended|temporar* inactive|"
	"temporar* not available|temporar* deferred|temporar* rejected|"
	"try again later|momentan*|vor?bergehend*|temporairement|"
	"temporalmente|temporaneamente|temporariamente",
  .not = "system|service|server*|resources|local problem|problem|internal|"
	"lookup|error|storage" },
{ "code-of-sender", ANSWER_US, .enhanced = "x.1.7 x.1.8" },
{ "no-mailbox", ANSWER_RECIPIENT, ANSWER_MAILBOX_NONE, .code = "5*",
  .stages = AT_RCPT | AT_BODY,
  .says = "user unknown|unknown user|unknown recipient|recipient unknown|"
	"no such user*|no such mailbox*|no such recipient*|no such address*|"
	"no such account*|no such person|no such domain*|no such local*|"
	"no mailbox|mailbox not found|mailbox unavailable|mailbox unknown|"
	"invalid mailbox|invalid recipient*|bad recipient*|invalid address*|"
	"bad address*|bad destination*|recipient not found|user not found|"
	"address unknown|unknown address*|unknown mailbox|unknown local*|"
	"unrouteable*|unroutable*|address rejected|not our customer|"
	"user is unknown|user doesnt*|null-mx|nullmx|does not accept mail|"
	"doesnt accept mail|no one by that name|no account by that name|"
	"nobody by that name|addressee unknown|cannot deliver mail for|"
	"not deliver mail for|isnt here|not deliver to|"
	"address does not exist|user disabled|account disabled|"
	"discontinued|"
	"is not a valid|mailbox disabled|undeliverable address|host unknown|"
	"domain not found|recipient domain|unknown domain|"
	"domain does not exist|not in our list|not a local*|mailbox closed|"
	"no longer*|user not local|domain isnt hosted|"
	"mailbox does not exist|no user|no recipient*|not known here|"
	"badrcptto|envelope recipient|missing home|mailbox is disabled|"
	"moved to|has moved|mailing list expansion|list expansion",
  .not = "sender address|policy restrictions header" },
{ "no-mailbox", ANSWER_RECIPIENT, ANSWER_MAILBOX_NONE, .code = "5*",
  .stages = AT_RCPT | AT_DATA,
  .says = MAILBOX_WORDS, .and = IS_GONE_WORDS,
  .not = SPAM_WORDS "|access denied|policy" },
{ "no-mailbox", ANSWER_RECIPIENT, ANSWER_MAILBOX_NONE, .code = "5*",
  .enhanced = "5.1.1 5.1.2 5.1.3 5.1.4 5.1.5 5.1.6 5.1.10 5.1.351 5.4.310 "
	"5.2.1",
  .stages = AT_RCPT | AT_BODY,
  .not = SPAM_WORDS "|policy|policies|header*|subject|content|"
	"message rejected|message refused" },
{ "no-mailbox", ANSWER_RECIPIENT, ANSWER_MAILBOX_NONE, .code = "5*",
  .enhanced = "5.1.0", .stages = AT_RCPT,
  .not = SPAM_WORDS "|policy|policies|header*|content|message rejected|"
	"message refused" },

/* ---- this one message --------------------------------------------------- */
{ "spam-passing", ANSWER_RECIPIENT_LATER, .code = "4*",
  .says = SPAM_WORDS },
{ "content", ANSWER_CONTENT, .code = "5*",
  .stages = AT_RCPT | AT_BODY, .says = SPAM_WORDS },
{ "content", ANSWER_CONTENT, .code = "5*",
  .says = "content|contents|banned|attachment*|message too*|message size|"
	"size|size-limit|too large|too big|too long|databytes|too many hops|"
	"hops|hop count|looping|mail loop|loop|mime|header*|malformed|rfc|"
	"rfc5322|rfc2822|rfc822|bare lf*|bare lfs|bare|stray|newline*|8-bit|"
	"8bit|line length|lines too long|line too long|message filtered|"
	"score|scored|points|message-id|subject|date|non-ascii|utf8|"
	"smtputf8|message rejected|message refused|message blocked|"
	"message denied|mail rejected|mail refused|mail rejete|"
	"mail message is|your message was rejected|email rejected|"
	"rejected message|security polic*|policy restrictions|"
	"policy reasons|local policy|by policy|policy violation|url|urls|"
	"link|links|nachricht|contenu|contenido|contenuto|conte?do|filter|"
	"filtered|encoding|charset|unacceptable|profanity|objectionable|"
	"blocked for|extension*|too much mail data|anhang|message format|"
	"format|syntax of|maximum length|"
	"conversion required|media not supported|body|"
	"permanently rejected message|piece jointe|pi?ce jointe|gr?sse|"
	"groesse|zu gro*|trop gros*|tama?o|dimension*|tamanho|"
	"bounce message|taille",
  .stages = AT_RCPT | AT_BODY,
  .not = "recipient address rejected|retry later" },

/* ---- what names nobody is meant for who hears it ------------------------ */
{ "limit", ANSWER_QUOTA, .stages = AT_MESSAGE,
  .says = "limit reached|limit is reached|limit exceeded|limit is exceeded|"
	"exceeded limit|exceeded the limit|count exceeded|maximum emails|"
	"maximum number of emails|maximum number of messages|no more emails|"
	"no more messages|emails left|messages left|balance|funds",
  .not = "user|users|mailbox*|recipient*|inbox|rate|connection*|time|hop|"
	"hops|load|memory|disk|storage|queue|process*" },
{ "denied", ANSWER_US, .code = "5*", .stages = AT_RCPT | AT_BODY,
  .says = "access denied|access is denied|permission denied|forged|"
	"forgery|not welcome|your isps|mail origin|security violation|"
	"abuse detected|not signed|for sending|unblock",
  .not = "recipient*|mailbox*|address*" },
{ "account", ANSWER_US, .code = "5*", .stages = AT_BODY,
  .says = "account|user",
  .and = "blocked|locked|suspended|disabled|inactive|expired|banned",
  .not = "recipient*|mailbox*|address*" },

/* ---- the relay's own trouble -------------------------------------------- */
{ "relay-trouble", ANSWER_RELAY,
  .says = "storage|disk|disc|space|local error|local problem|server error|"
	"internal error|internal*|lookup failure|lookup error|lookup failed|"
	"configuration problem|configuration error|misconfigur*|"
	"system error|system problem|temporary system*|mail system full|"
	"system not accepting*|service unavailable|service currently*|"
	"service temporar*|service not available|service is not available|"
	"service refuse*|services unavailable|unavailable service|timeout|"
	"timed out|resources|resource*|load average|much load|high load|"
	"heavy load|system load|overload*|maintenance|out of memory|memory|"
	"queue file|queue|spool|database|come back later|license|"
	"ports are busy|all server*|server unavailable|"
	"server is unavailable|server temporar*|temporary server*|"
	"temporary failure|temporary error|temporary problem*|"
	"temporary local*|temporary internal|temporary service*|"
	"not be saved|not be stored|error writing|error reading|"
	"unable to save|unable to process|unable to accept|"
	"cannot process|connection lost|connection timed|shutting down|"
	"going down|shutdown|restart*|unable to read|unable to open|"
	"unable to write|unable to connect|read error|write error|i o error|"
	"i o|home directory|fork|backend|processing|processed|scanner|"
	"virus scan*|milter|filter failure|tls not available|"
	"error in processing|please try later|wartung*|st?rung|serveur|"
	"panne|r?essayer|reessayer|ressources|expired|reconnect*|"
	"ended early|service is temporar*|system busy|system u busy",
  .not = "mailbox unavailable|recipients server|user unknown|"
	"mailbox temporar*|recipient* mailbox" },
{ "relay-trouble", ANSWER_RELAY, .enhanced = "4.3.* 5.3.2 5.3.5" },
{ "relay-trouble", ANSWER_RELAY, .enhanced = "4.4.*", .stages = AT_BODY },

/* ---- the enhanced code alone -------------------------------------------- */
{ "code-of-mailbox-full", ANSWER_RECIPIENT, ANSWER_MAILBOX_FULL,
  .code = "5*", .enhanced = "x.2.2" },
{ "code-of-size", ANSWER_CONTENT, .code = "5*", .enhanced = "x.2.3 x.3.4" },
{ "code-of-policy", ANSWER_US,
  .enhanced = "x.7.2x 5.7.5xx 5.7.6xx 5.7.7xx x.7.57 x.7.60 x.7.64 x.7.8 "
	"x.7.9 x.7.3 x.7.11 x.7.14 x.7.139" },
{ "code-of-policy", ANSWER_US, .code = "5*", .enhanced = "x.7.*",
  .stages = AT_SENDER | AT_RCPT, .not = "recipient address rejected" },
{ "code-of-policy", ANSWER_US, .enhanced = "x.7.*", .stages = AT_SESSION },
{ "code-of-quota", ANSWER_QUOTA, .code = "5*", .enhanced = "x.4.5" },
{ "code-of-loop", ANSWER_CONTENT, .code = "5*",
  .enhanced = "x.4.6 x.4.14" },
{ "code-of-route", ANSWER_RECIPIENT, .code = "5*",
  .enhanced = "x.4.1 x.4.4", .stages = AT_RCPT | AT_BODY },
{ "code-of-protocol", ANSWER_US, .code = "5*",
  .enhanced = "x.5.1 x.5.2 x.5.4", .stages = AT_SENDER | AT_DATA },
/* Of RCPT only the address is the visitor's. */
{ "address-syntax", ANSWER_RECIPIENT, .code = "501 504 553 555",
  .enhanced = "x.5.2 x.5.4", .stages = AT_RCPT },
{ "code-of-protocol", ANSWER_US, .code = "5*",
  .enhanced = "x.5.1 x.5.2 x.5.4", .stages = AT_RCPT },
{ "code-of-content", ANSWER_CONTENT, .code = "5*", .enhanced = "x.6.*" },

/* ---- what is left ------------------------------------------------------- */
{ "session-refused", ANSWER_US, .code = "5*", .stages = AT_SENDER },
{ "session-closed", ANSWER_RELAY, .code = "4*", .stages = AT_SENDER },
{ "closing", ANSWER_RELAY, .code = "421" },	/* RFC 5321, 3.8 */
{ "protocol", ANSWER_US, .code = "502 503 555" },
{ "later", ANSWER_RECIPIENT_LATER, .code = "4*" },
{ "refused-at-the-dot", ANSWER_CONTENT, .stages = AT_DOT },
{ "refused-mailbox", ANSWER_RECIPIENT, ANSWER_MAILBOX_NONE,
  .code = "550 551 553" },
{ "refused-recipient", ANSWER_RECIPIENT, .code = "5*" },
};
