/* SPDX-License-Identifier: MIT */
/*
 * Families of words in mail servers' refusals, for the rows of rules_*.c and
 * written as impl.h says: English first, then what servers in France, Germany,
 * Spain, Italy and Brazil say.
 */
#ifndef SMTPREPLY_WORDS_H
#define SMTPREPLY_WORDS_H

/* Who it is about.  English, French, German, Spanish, Italian, Portuguese. */
#define MAILBOX_WORDS \
	"user|users|username|mailbox|mailboxes|mail-box|recipient|recipients|" \
	"rcpt|account|accounts|address|addresses|addressee|customer|inbox|" \
	"email|e-mail|person|alias|to|destination|subscriber|" \
	"destinataire|utilisateur|compte|adresse|bo?te|boite|" \
	"empf?nger*|empfaenger*|benutzer*|nutzer*|postfach|konto|mailadresse|" \
	"emailadresse|usuario|destinatario|buz?n|cuenta|direcci?n|casilla|" \
	"utente|casella|indirizzo|caixa|usu?rio|destinat?rio|endere?o|conta"

/* What makes it end there. */
#define IS_GONE_WORDS \
	"unknown|not found|notfound|not exist|doesnt exist|does not exist|" \
	"dont exist|do not exist|didnt exist|not existing|exists not|" \
	"no such*|no longer*|not known|invalid|unavailable|not available|" \
	"isnt available|" \
	"not valid|isnt valid|inactive|disabled|deactivated|not active|" \
	"isnt active|nonexist*|non-exist*|cannot be found|cant be found|" \
	"couldnt be found|could not be found|wasnt found|unable to find|" \
	"closed|expired|terminated|removed|deleted|suspended|blocked|locked|" \
	"frozen|discontinued|retired|cancelled|canceled|" \
	"undeliverable|unroutable|unrouteable|not recogni?ed|unrecogni?ed|" \
	"bad|not local|not here|no mailbox|not our|not listed|not a valid|" \
	"not handled|not hosted|not served|no valid|not a known|illegal|" \
	"has moved|have moved|has left|not deliverable|not accepting|" \
	"cannot receive|cant receive|unable to receive|" \
	"not allowed to receive|does not accept|doesnt accept|" \
	"inconnu*|existe pas|nexiste pas|invalide|inexistant*|introuvable|" \
	"bloqu*|d?sactiv*|desactiv*|" \
	"unbekannt*|nicht bekannt|nicht vorhanden|existiert nicht|" \
	"nicht gefunden|ung?ltig*|ungueltig*|gesperrt|deaktiviert|" \
	"no existe|desconocid*|inv?lid*|inexistente|no encontrad*|no v?lid*|" \
	"sconosciut*|non esiste|non trovat*|non valid*|disabilitat*|" \
	"n?o existe|nao existe|desconhecid*|n?o encontrad*|desativad*"

/* The same in one breath. */
#define NO_SUCH_WORDS \
	"user unknown|unknown user|no such user*|no such mailbox*|" \
	"no such recipient*|no such address*|no such account*|" \
	"user not found|mailbox not found|recipient not found|" \
	"user is unknown|unknown recipient|recipient unknown|" \
	"user does not exist|user doesnt exist|mailbox does not exist|" \
	"recipient does not exist|address does not exist|no mailbox here"

#define FULL_WORDS \
	"over-quota|mailbox-full|mailbox is full|inbox full|inbox is full|" \
	"mail box full|full mailbox|is full|quota is full|quota exceed*|" \
	"exceed* quota|exceed* the quota|exceed* storage|exceed* mailbox|" \
	"exceeds quota|mailbox would exceed|mailbox has exceeded|" \
	"reached disk quota|out of quota|out of storage space|" \
	"quota violation|quota usage|quota limit|quota for|storage quota|" \
	"mailbox quota|disk quota|user quota|users quota|" \
	"over the allowed quota|over storage|storage limit|storage full|" \
	"storage space|allowed storage|recipient storage|mailbox size|" \
	"mailbox limit|not enough space|no space in|users space|" \
	"insufficient space in|space has been used|too many messages on|" \
	"too many messages in|speicherplatz*|speichervolumen*|" \
	"zuviele mails|voll|pleine|lleno|llena|piena|cheia|cheio|cuota*"

#define SYSTEM_FULL_WORDS \
	"system full|disk full|queue full|queue file|server full"

/* The sender's side: ours. */
#define SENDER_WORDS \
	"sender*|from address|from-header|header from|from domain|" \
	"from field|mail from|mailfrom|envelope from|envelope sender|" \
	"return path|return-path|return address|reverse-path|originator|" \
	"?metteur|emetteur|exp?diteur|expediteur|absender*|remitente|" \
	"mittente|remetente"

#define PERIOD_WORDS \
	"daily|hourly|weekly|monthly|per day|per hour|per-hour|per week|" \
	"per month|a day|an hour|each day|each hour|this hour|this day|today|" \
	"this month|24-hour*|24h|24-hrs|24 h|past hour|last hour|one hour|" \
	"1 hour|1h|one day|1 day|hour|hours|day|days|month|" \
	"quotidien*|journali?r*|par jour|par heure|jour|heure|t?glich*|" \
	"taeglich*|tages*|stunde*|pro tag|st?ndlich*|diari?|di?ri?|por d?a|" \
	"por hora|al giorno|giornalier*|allora|por dia"

#define LIMIT_WORDS \
	"limit*|quota*|exceed*|reached|allowed|allowance|maximum|max|" \
	"too many|too much|threshold|only|d?pass*|depass*|atteint*|" \
	"?berschritt*|ueberschritt*|erreicht|superad*|excedid*|superat*|" \
	"raggiunt*|l?mite*"

/* What tells that it is not about the mailbox, whatever else is said. */
#define OTHERS_WORDS \
	SENDER_WORDS "|verif*|relay|relaying|blacklist*|blocklist*|" \
	"block-list*|spamhaus*|dnsbl*|rbl*|your ip|client host|too many|" \
	"limit*|quota*|temporar*|try again|resolver"

#define SPAM_WORDS \
	"spam|spammy|spam-*|ube|uce|junk|junkmail|unsolicited|bulk|phish*|" \
	"scam|virus*|malware|infected|trojan|gtube|suspicious|suspicion|" \
	"viagra|pourriel|ind?sirable|unerw?nscht*|schadcode|sollicit?"

#endif
