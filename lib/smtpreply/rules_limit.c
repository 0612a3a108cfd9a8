/* SPDX-License-Identifier: MIT */
/*
 * The rules by which a mail server's refusal is judged, the most telling first:
 * what has a name of its own, limits of all kinds, our repute, and what passes.
 * rules_refusal.c goes on.
 *
 * Where they come from: RFC 5321 (reply codes), RFC 3463, 5248 and 7372
 * (enhanced codes), RFC 4954 (AUTH), RFC 3207 (STARTTLS), RFC 6522 and 3464
 * (whose words many servers borrow), RFC 7505 (null MX); the sources of
 * Postfix, Exim, Sendmail, qmail, OpenSMTPD, Dovecot, Haraka, Stalwart and
 * rspamd; the providers' own lists: support.google.com/a/answer/3726730,
 * learn.microsoft.com "NDR error codes in Exchange Online",
 * senders.yahooinc.com/smtp-error-codes, docs.aws.amazon.com/ses "SMTP response
 * codes", postmaster.gmx.net, postmaster.orange.fr, Mimecast and Proofpoint.
 *
 * Words that speak of several things stand in the order of what is worse to get
 * wrong: a mail that is buried for our fault is lost, one that waits is late.
 */
#include "config.h"

#include "smtpreply/impl.h"
#include "smtpreply/words.h"

const struct answer_rule answer_rules_limit[] = {

/* ---- what is no refusal by the server ----------------------------------- */
{ "login-not-offered", ANSWER_US, .code = "0",
  .says = "neither auth plain nor auth login" },
{ "no-reply", ANSWER_RELAY, .code = "0" },
{ "no-refusal", ANSWER_RELAY, .code = "2* 3*" },

/* ---- names that say it all ---------------------------------------------- */
/* Lists of the DNS that do not answer the relay's resolver refuse everybody:
 * spamhaus.org/returnc/pub, uribl.com/refused.shtml. */
{ "list-refuses-resolver", ANSWER_RELAY,
  .says = "open resolver|open-resolver|public resolver|query refused|"
	"queries refused|refused query|public dns|"
	"excessive number of queries|excessive queries|too many dns queries|"
	"volume of queries" },
{ "list-refuses-resolver", ANSWER_RELAY,
  .token = "127.255.255.25|returnc/pub|uribl.com/refused" },

/* Exchange tells its part in the talk: Submission takes mail from our mailbox,
 * Deliver puts it into the recipient's, RESOLVER looks the recipient up. */
{ "submission-quota", ANSWER_QUOTA,
  .token = "refusequota|submissionquotaexceeded|recipientratelimit|"
	"messagesubmissionexceed" },
{ "submission-thread", ANSWER_TOO_FAST,
  .token = "storedrv.clientsubmit|storedrv.submi",
  .says = "thread*|concurrent*" },
{ "submission-size", ANSWER_CONTENT, .token = "storedrv.submi|"
	"storedrv.client",
  .says = "message-size*|too large|size" },
{ "submission", ANSWER_US,
  .token = "storedrv.submi|storedrv.clientsubmit|outboundspam|sendasdenied|"
	"hipnotify" },
{ "deliver-thread", ANSWER_RECIPIENT_LATER, .token = "storedrv.deliver",
  .says = "thread*|concurrent*|limit|busy|exceeded|throttl*|in transit" },
{ "deliver", ANSWER_RECIPIENT_LATER, .code = "4*",
  .token = "storedrv.deliver" },
{ "deliver-full", ANSWER_RECIPIENT, ANSWER_MAILBOX_FULL,
  .token = "storedrv.deliver", .says = "quota*|full" },
{ "resolver-size", ANSWER_CONTENT, .token = "sizelimit",
  .says = "size|large|big" },
{ "resolver-size", ANSWER_CONTENT, .token = "resolver.rst.recipsizelimit|"
	"resolver.rst.sendsizelimit" },
{ "resolver-address", ANSWER_RECIPIENT, ANSWER_MAILBOX_NONE,
  .code = "5*", .token = "resolver.adr|recipientnotfound" },
{ "resolver-restricted", ANSWER_RECIPIENT, .code = "5*",
  .token = "resolver.rst|resolver.grp|resolver.fwd" },

/* The keyword in the link of Google's answers. */
{ "google-mailbox-full", ANSWER_RECIPIENT_LATER, ANSWER_MAILBOX_FULL,
  .code = "4*", .token = "p=overquota" },
{ "google-mailbox-full", ANSWER_RECIPIENT, ANSWER_MAILBOX_FULL,
  .token = "p=overquota" },
{ "google-no-mailbox", ANSWER_RECIPIENT, ANSWER_MAILBOX_NONE, .code = "5*",
  .token = "p=nosuchuser|p=disableduser|p=inactiveuser|p=noinbox" },
{ "google-receiving", ANSWER_RECIPIENT_LATER, .token = "p=receivingrate" },
{ "google-sender", ANSWER_US,
  .token = "p=badcredentials|p=invalidsecondfactor|p=webloginrequired|"
	"p=cantauthenticate|p=notauthorized|p=unsolicitedratelimit|"
	"p=unsolicitedip|p=ipv6autherror|sender-guidelines|p=relaydenied|"
	"p=dmarc|p=unauthenticated|p=authrequired|p=tls|p=missinghelo|"
	"p=helo|p=wantauth|p=mailfrom|p=invalidfrom|p=noptr|answer/81126" },
{ "google-content", ANSWER_CONTENT, .code = "5*",
  .token = "p=blockedmessage|p=unsolicitedmessage|p=rfcmessage|p=maxsize|"
	"p=norfc|p=invalidheader|p=duplicateheader" },

/* Yahoo, AOL: senders.yahooinc.com/smtp-error-codes. */
{ "yahoo-greylist", ANSWER_RECIPIENT_LATER, .token = "[gl0" },
{ "yahoo-sender", ANSWER_US,
  .token = "[tss|[ts0|[ipts|[bl2|[bl1|[dkim|[spf" },
{ "yahoo-content", ANSWER_CONTENT, .code = "5*",
  .token = "[ph0|[vs" },
/* Comcast, Cox, AT&T, Charter name their lists and limits. */
{ "cable-throttled", ANSWER_TOO_FAST, .token = "rl00000|cxthrt|cxcnct" },
{ "cable-sender", ANSWER_US,
  .token = "bl00000|bl00001|cxbl|cxsndr|cxmxrt|cxdns|attrbl|aup#sndr|"
	"aup#dns|aup#bl|aup#i-|aup#in-|aup#cxsndr|aup#lhlo|aup#ipbl" },
/* Microsoft's freemail: mail.live.com/mail/troubleshooting.aspx. */
{ "outlook-too-fast", ANSWER_TOO_FAST, .token = "(rp-00" },
{ "outlook-sender", ANSWER_US,
  .token = "(s3140)|(s3150)|(s775)|(dy-00|(ou-00|(sc-00|(au-00" },
/* NetEase 163 and 126: help.mail.163.com. */
{ "netease-content", ANSWER_CONTENT, .code = "5*",
  .token = "dt:spm|dt:ctb" },
{ "netease-too-fast", ANSWER_TOO_FAST,
  .token = "mi:dmc|mi:cec|mi:crl|mi:nhd|rp:trc|rp:drc|rp:rcl|ri:fbd" },
{ "netease-quota", ANSWER_QUOTA, .token = "mi:stc|mi:sfq|mi:ldn" },
{ "netease-sender", ANSWER_US,
  .token = "dt:sum|hl:rep|hl:itc|hl:ipb|mi:ipb|mi:spb|hl:bgh|hl:ihu" },

/* ---- what our key may do, whoever is to get the mail -------------------- */
{ "key", ANSWER_US, .says = "api-key*|smtp credential*|smtp user*",
  .not = LIMIT_WORDS "|credit*" },

/* ---- the recipient is served more slowly than we send ------------------- */
/* Exchange Online: a recipient or group that takes mail from few. */
{ "restricted-recipient", ANSWER_RECIPIENT, .stages = AT_RCPT | AT_BODY,
  .enhanced = "5.7.12 5.7.124 5.7.129 5.7.13x" },
{ "receiving-limit", ANSWER_RECIPIENT_LATER, .enhanced = "x.2.121 x.2.122" },
{ "receiving-limit", ANSWER_RECIPIENT_LATER,
  .says = MAILBOX_WORDS,
  .and = "receiving mail at a rate|receiving mail too|receiving too many|"
	"receiving messages too|received too many|received too much|"
	"send to this recipient|sent to this recipient|they can receive|"
	"can receive|may receive|receive per*|message-rate-limit|"
	"concurrent deliveries|receive limit|receiving limit*|"
	"receiving quota|too many deliveries|recipient thread limit|"
	"recipient-rate-limit|maximum number of messages it can receive|"
	"incoming temporar*",
  .not = SENDER_WORDS "|from your|your ip|attachment*|attachments|size|"
	"header|bytes" },

/* ---- quota: an hour's, a day's, what was paid for ----------------------- */
{ "sending-is-blocked", ANSWER_US,
  .says = "outgoing*|outbound*|sending|smtp service|smtp access|"
	"smtp disabled|smtp is",
  .and = "suspended|suspension|disabled|blocked|paused|on hold|"
	"restricted to",
  .not = PERIOD_WORDS "|recipient blocked" },
{ "credits", ANSWER_QUOTA,
  .says = "credit|credits|prepaid|your plan|your current plan|free plan|"
	"free trial|billing period|current period|plan limit*|monthly plan|"
	"subscription",
  .and = LIMIT_WORDS "|out of|insufficient|not enough|no more|remaining|"
	"left|upgrade|run out|has no|over" },
{ "period-limit", ANSWER_QUOTA,
  .says = PERIOD_WORDS, .and = LIMIT_WORDS,
  .not = "grey*|gray*|receiving|can receive|size|reputation|spf|dkim|dmarc|"
	"concurrent|connections|per second|per minute|peak|auth failures|"
	"login|failed logins|unsolicited|try again in|retry in|retry after|"
	"invalid recipients|complaints" },
{ "sending-limit", ANSWER_QUOTA,
  .says = "sending-limit*|sending-quota|send-limit*|send-quota|"
	"message-quota|messages-quota|messaging-limit*|email-limit*|"
	"mail-limit*|email-quota|mail-quota|outgoing limit*|outgoing quota|"
	"outbound limit*|outbound quota|outgoing message limit*|"
	"outgoing mail limit*|outgoing-mail-quota|submission-quota|"
	"relay-quota|relay-limit*|relaying limit*|sending limits|"
	"address outgoing limits|recipient limit exceeded|account limit*|"
	"new recipients|first-time recipients|"
	"limit on the number of messages|max defers|wait to send more|"
	"message-limit*|messages-limit*|recipients-limit*|quota denvoi|"
	"quota d?envoi|limite denvoi|versandlimit*|sendelimit*|"
	"l?mite de env?o*|limite di invio|limite de envio*",
  .not = "rate|per second|per minute|peak|concurrent*|session|connection|"
	"size|per message|too many recipients" },
{ "your-quota", ANSWER_QUOTA, .stages = AT_MESSAGE,
  .says = "you have exceeded your*|youve exceeded your*|"
	"you exceeded your*|you have reached your*|youve reached your*|"
	"you reached your*|you have used*|youve used*",
  .and = "quota*|limit*|allowance",
  .not = "mailbox*|inbox|storage|disk|space|rate|connection*|size" },
{ "policy-quota", ANSWER_QUOTA, .enhanced = "x.7.*",
  .says = "quota*|too many e-mails|too many messages|too many mails|"
	"limit exceeded|limits exceeded|exceeded limit|sent too many*",
  .not = "mailbox*|rate|rate-limit*|ratelimit*|concurrent*|connections|"
	"invalid|storage|disk|over-quota|queue|received|new or untrusted|"
	"per second|per minute" },

/* ---- not yet: greylisting ----------------------------------------------- */
{ "greylisted", ANSWER_RECIPIENT_LATER,
  .says = "grey-list*|greylist*|gray-list*|graylist*|postgrey|greylisting|"
	"grey|greylistet|come back in|liste grise|lista gris|"
	"first time sender|not yet authori?ed to deliver" },

/* ---- our repute, though it speaks of a rate or of spam ------------------ */
/* Servers quote a part of the address bare: "550 5.1.1 spf: User unknown". */
{ "no-such-mailbox", ANSWER_RECIPIENT, ANSWER_MAILBOX_NONE, .code = "5*",
  .stages = AT_RCPT, .says = NO_SUCH_WORDS, .not = OTHERS_WORDS },
{ "no-such-mailbox", ANSWER_RECIPIENT, ANSWER_MAILBOX_NONE, .code = "5*",
  .stages = AT_RCPT, .enhanced = "5.1.1 5.2.1", .says = MAILBOX_WORDS,
  .and = IS_GONE_WORDS, .not = OTHERS_WORDS "|your" },

{ "sender-check-fails", ANSWER_RELAY, .code = "4*",
  .says = "spf|dkim|dmarc|dns",
  .and = "temporary failure|temporary error|temporary dns*|temporary dmarc*|"
	"temporary spf*|temporary dkim*|temperror|temp error|lookup failure|"
	"lookup error|dns error|dns failure|dns timeout",
  .not = "reverse*" },
{ "sender-authentication", ANSWER_US,
  .says = "spf|dkim|dmarc|domainkeys|senderid|sender id|arc|spf-check|"
	"spf-fail*|dmarc-*|dkim-*|anti-spoofing|antispoofing|spoof*|"
	"unauthenticated|not authenticated|no ptr|ptr|fcrdns|rdns|"
	"reverse-dns|reverse-lookup|reverse hostname|reverse host|"
	"reverse name|reverse mapping|reverse resolution|dns a-record|"
	"forward confirmed|name lookup failed|ip name lookup|"
	"cannot resolve your|resolve your" },
{ "tls-demanded", ANSWER_US, .says = "tls|starttls|ssl",
  .and = "require*|must|wasnt|without|not allowed|need|needs|use",
  .not = "temporar*|handshake|too many" },
{ "sender-repute", ANSWER_US,
  .says = "reputation|poor reputation|bad reputation|reputation-*|"
	"from your ip|from your network|from your server|from your host|"
	"from your domain|from your account|from this ip|complaints|"
	"neighborhood|volume or user complaints|low reputation|botnet|"
	"open-relay|open-proxy|dialup|dial-up|dynamic ip*|residential ip*|"
	"dynamic range*|generic rdns|dynamic host*|directory harvest*|"
	"dictionary attack*|"
	"harvesting|many invalid recipients|number of invalid recipients|"
	"auth failures|authentication failures|failed login*|login failures",
  .not = "too many connections|concurrent*|recipients reputation|"
	"user unknown|connection rate|too many open" },
{ "sender-listed", ANSWER_US,
  .says = "dnsbl*|rbl*|blacklist*|black-list*|blocklist*|block-list*|"
	"block list*|blackhole*|denylist*|deny-list*|bad list|listed|"
	"is listed|listed in|listed at|listed by|listed on|spamhaus*|"
	"spamcop*|sorbs|barracuda reputation|uceprotect*|spamrl*|"
	"senderscore|senderbase|blackholed|liste noire|liste rouge|"
	"whitelist*|white-list*|allowlist*|allow-list*|sperrliste|"
	"schwarze liste|lista negra|lista nera|delisted|delist*|"
	"removal from this list|proxy list|xbl|pbl|sbl|cbl|blocking list",
  .not = "file*|extension*|url*|uri*|link|links|body|attachment|"
	"recipients blo*|recipients black*|user unknown|not listed|"
	"recipient list|recipient * does not want|too many errors" },
{ "sender-listed", ANSWER_US,
  .token = "spamhaus.org|spamcop.net|sorbs.net|barracudacentral.org|"
	"uceprotect.net|abuseat.org|mailspike|spamrats|csi.cloudmark.com|"
	"ipcheck.proofpoint.com|dnsbl-lookup|"
	"barracudanetworks.com/reputation|talosintelligence|"
	"sender.office.com|invaluement|dnswl|manitu.net|backscatterer.org|"
	"blocklist.de|truncate.gbudb",
  .not = "no such user*|user unknown|unknown user" },

/* At the door nothing is known but who we are. */
{ "blocked-at-the-door", ANSWER_US, .stages = AT_CONNECT | AT_EHLO,
  .says = "has been blocked|have been blocked|been temporarily blocked|"
	"been temporarily restricted|is blocked|blocked by|blocked for|"
	"are blocked|blocked using" },

/* ---- too fast ----------------------------------------------------------- */
{ "too-fast", ANSWER_TOO_FAST,
  .says = "concurrent*|simultaneous*|too many connections|"
	"too many open connections|too many smtp connections|"
	"too many active*|too many sessions|too many parallel|"
	"too many incoming|connection-rate*|connection limit|"
	"connections limit|connection count|connection-frequency|"
	"connections per*|max connections|maximum connections|"
	"maximum number of connections|number of connections|rate-limit*|"
	"rate limits|rate limiting|sending rate|send rate|message rate|"
	"submission rate|mail rate|email rate|delivery request rate|"
	"rate control|rate exceed*|rate has*|rate overlimit|overlimit|"
	"ratelimit*|ratelimited|rate too high|high rate|thread limit|"
	"threads|per second|per minute|per * seconds|per * minutes|"
	"a second|a minute|per connection|per session|"
	"session limit|in this session|too many messages|"
	"too many mails|too many e-mails|too many recipients|too many rcpt*|"
	"too many transactions|too many commands|too many auth*|"
	"too many login*|too many requests|too many tls|too many new|"
	"too many errors|too many unknown commands|too many bad commands|"
	"too much mail|too frequent*|slow-down|too fast|too quickly|"
	"throttl*|frequency|frequently|too busy|server busy|sending too*|"
	"flood*|overclocking|peak|back-off|slower|too many times|"
	"trop de connexions|trop de messages|zu viele*|demasiad*|"
	"troppe|troppi|muitas conex*|"
	"muitos|ralentir|langsamer|agent busy|currently busy|concurrency|"
	"batch limit|threshold exceeded",
  .not = "hops|parts|attachments|url*|links|invalid|unknown recipients|"
	"mail data|bounces|on the server|in mailbox|in the mailbox|"
	"auf dem server" },
{ "wait-seconds", ANSWER_TOO_FAST, .code = "4*", .stages = AT_SENDER,
  .says = "try again in|retry in|retry after|wait" },
{ "policy-at-the-door", ANSWER_US, .stages = AT_CONNECT | AT_EHLO,
  .says = "policy|policies" },

/* ---- the recipient, later ----------------------------------------------- */
{ "unverified", ANSWER_RECIPIENT_LATER,
  .says = "unverified address|unverified recipient|verification in progress|"
	"recipient verify callout|recipient callout|"
	"could not verify recipient|cannot verify recipient|"
	"unable to verify recipient|unable to verify address|"
	"recipient verification|recipient address verification",
  .not = SENDER_WORDS "|undeliverable" },
{ "recipients-server", ANSWER_RECIPIENT_LATER,
  .says = "recipients server|recipients mail server|recipient server|"
	"destination server|destination mail server|destination host|"
	"organization queue|organisation queue|recipients domain|"
	"remote host|remote mail server|backend server|primary mx|next hop|"
	"recipients mx",
  .and = "unavailable|not available|down|unreachable|not respond*|timed out|"
	"timeout|exceeded|offline|busy|not accepting|connect*|temporar*",
  .not = SENDER_WORDS },

/* ---- the recipient does not want us personally -------------------------- */
{ "blocked-by-recipient", ANSWER_RECIPIENT,
  .code = "5*",
  .says = "blocked by this recipient|blocked by recipient|"
	"blocked by the recipient*|blocked by user|blocked by the user|"
	"rejected by recipient*|rejected by the recipient*|rejected by user|"
	"rejected by the user|refused by recipient*|"
	"refused by the recipient*|refused by user|denied by recipient*|"
	"recipient has blocked|recipient blocked|user has blocked|"
	"has blocked you|has blocked your address|recipients block*|"
	"recipients black*|users block*|users black*|recipients personal|"
	"recipient does not want|recipient doesnt want|"
	"recipient * does not want|recipient refuse*|"
	"does not wish to receive|only accepts mail from|"
	"accepts mail only from|only accept mail from|user entry|"
	"domain entry|manually blocked|target address|"
	"recipients server refused|recipient server refused|"
	"destination domain|recipient rejected the|mailing list|"
	"members-only|post to this|not subscribed to this|protected by|"
	"user rules|recipient preferences|recipients preferences|"
	"user refuse*|refuses to receive|user reject*|users rules|"
	"rejected by sieve|sieve|blocked senders list|"
	"not permitted to send to this|not allowed to send to this|"
	"permission to send to th*|previously bounced|suppress*|"
	"marked as inactive|inactive recipient|unsubscribed|bounced address|"
	"not in the allowed senders|banned recipient|members only|"
	"vom empf?nger*|vom empfaenger*|par le destinataire|"
	"por el destinatario|dal destinatario|pelo destinat?rio|"
	"delivery not authori?ed|blocked senders" },
{ "recipient-takes-few", ANSWER_RECIPIENT, .code = "5*",
  .says = "restricted to",
  .not = SENDER_WORDS "|sending|key|keys|credentials|token|account|"
	"accounts|you are|youre|your|plan|trial|sandbox|verified|domain is" },
{ "incoming-stopped", ANSWER_RECIPIENT_LATER,
  .says = "incoming*", .and = "temporar*" },
{ "incoming-stopped", ANSWER_RECIPIENT, .code = "5*",
  .says = "incoming suspended|incoming blocked|incoming disabled|"
	"recipient is suspended|not accepting incoming" },

{ .name = NULL }
};
