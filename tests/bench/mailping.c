/* SPDX-License-Identifier: MIT */
/* One mail at a time into an idle system: by the queue, or by bare SMTP. */
#include "lanes.h"

#include <hiredis/hiredis.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAIL_MAX 65536
#define ID_WIDTH 12
#define PAUSE_US 20000	/* between two mails: everybody is idle again */
#define WAIT_S "10"

/* ---- by the queue ------------------------------------------------------- */

static char *file_read(const char *path)
{
	char *text = calloc(1, MAIL_MAX + 1);
	FILE *f = fopen(path, "r");

	if (!text || !f || !fread(text, 1, MAIL_MAX, f))
		die("%s: cannot be read", path);
	(void)fclose(f); /* was only read */
	return text;
}

static redisReply *must_reply(redisContext *r, redisReply *reply)
{
	if (!reply || reply->type == REDIS_REPLY_ERROR)
		die("redis: %s", reply ? reply->str : r->errstr);
	return reply;
}

/* The receipt follows the 250, so this is a little more than the latency. */
static void queue_once(redisContext *r, const char *prefix, const char *text,
		       struct lane *lane)
{
	int64_t begun_ns = now_ns();
	redisReply *reply;

	freeReplyObject(must_reply(r, redisCommand(r, "RPUSH %sintake %s",
						   prefix, text)));
	reply = must_reply(r, redisCommand(r, "BLPOP %sreceipts " WAIT_S,
					   prefix));
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
	    strncmp(reply->element[1]->str, "S|", 2) != 0)
		die("a mail was not sent");
	lane_add(lane, begun_ns, now_ns());
	freeReplyObject(reply);
}

static void queue_run(char **args, struct lane *lane)
{
	redisContext *r = redisConnectUnix(args[0]);
	char *text = file_read(args[2]);
	long first = number(args[4], 0, 1L << 40);
	long count = number(args[5], 1, LANE_SAMPLES_MAX);
	char *id;

	if (!r || r->err)
		die("%s: cannot connect", args[0]);
	id = strstr(text, args[3]);
	if (!id || strlen(args[3]) != ID_WIDTH)
		die("%s: there is no id to replace", args[2]);
	for (long i = 0; i < count; i++) {
		char fresh[24];

		(void)snprintf(fresh, sizeof(fresh), "%0*ld", ID_WIDTH,
			       first + i);
		memcpy(id, fresh, ID_WIDTH);
		queue_once(r, args[1], text, lane);
		(void)usleep(PAUSE_US);
	}
	free(text);
	redisFree(r);
}

/* ---- bare ---------------------------------------------------------------- */

/* Reads an answer, with its continuation lines, that begins so. */
static void expect(int fd, const char *code)
{
	char text[2048];
	size_t len = 0;

	for (;;) {
		ssize_t n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
		const char *last;

		if (n <= 0)
			die("the server has closed");
		len += (size_t)n;
		text[len] = '\0';
		if (text[len - 1] != '\n')
			continue;
		text[len - 1] = '\0';
		last = strrchr(text, '\n');
		last = last ? last + 1 : text;
		text[len - 1] = '\n';
		if (strlen(last) > 3 && last[3] == '-')
			continue;
		if (strncmp(last, code, 3) != 0)
			die("the server says: %s", last);
		return;
	}
}

static void say(int fd, const char *text, size_t len)
{
	if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("send: %s", strerror(errno));
}

static void ask(int fd, const char *line, const char *code)
{
	say(fd, line, strlen(line));
	expect(fd, code);
}

static void bare_once(const struct sockaddr_in *to, const char *mail,
		      size_t len, struct lane *lane)
{
	int64_t begun_ns = now_ns();
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
		die("connect: %s", strerror(errno));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	expect(fd, "220");
	ask(fd, "EHLO bench.example.org\r\n", "250");
	ask(fd, "MAIL FROM:<bookings@bench.example.org>\r\n", "250");
	ask(fd, "RCPT TO:<visitor@bench.example.org>\r\n", "250");
	ask(fd, "DATA\r\n", "354");
	say(fd, mail, len);
	expect(fd, "250");
	lane_add(lane, begun_ns, now_ns());
	ask(fd, "QUIT\r\n", "221");
	(void)close(fd); /* all is said */
}

static void bare_run(char **args, struct lane *lane)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(args[0], 1, 65535)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	size_t len = (size_t)number(args[1], 200, MAIL_MAX - 8);
	long count = number(args[2], 1, LANE_SAMPLES_MAX);
	char *mail = malloc(MAIL_MAX);

	if (!mail)
		die("no memory");
	for (size_t i = 0; i < len; i++)
		mail[i] = i % 72 == 70 ? '\r' : i % 72 == 71 ? '\n' : 'x';
	memcpy(mail, "Subject: x\r\n\r\n", 14);
	memcpy(mail + len - 2, "\r\n.\r\n", 5);
	for (long i = 0; i < count; i++) {
		bare_once(&to, mail, len + 3, lane);
		(void)usleep(PAUSE_US);
	}
	free(mail);
}

int main(int argc, char **argv)
{
	struct lanes *lanes = lanes_new(1);
	int64_t begun_ns = now_ns();

	if (argc == 8 && strcmp(argv[1], "queue") == 0)
		queue_run(argv + 2, &lanes->lane[0]);
	else if (argc == 5 && strcmp(argv[1], "bare") == 0)
		bare_run(argv + 2, &lanes->lane[0]);
	else
		die("usage: mailping queue SOCKET PREFIX ENVELOPE ID FIRST "
		    "COUNT\n       mailping bare PORT BYTES COUNT");
	lanes_report(lanes, (double)(now_ns() - begun_ns) / 1e9);
	return 0;
}
