/* SPDX-License-Identifier: MIT */
/* Books, or reads one page, over HTTP with kept connections, cheaply: one
 * process, one epoll. */
#include "lanes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 2048
#define ANSWER_HEAD_MAX 8192
#define CONNECTIONS_MAX 64
#define STALL_MS 15000		/* longer than any time-out of the stack */

struct options {
	struct sockaddr_in to;
	bool json;		/* the API, or the form of the page */
	const char *path;	/* to be read; NULL = book */
	const char *header;	/* one more line for that; "" = none */
	long connections, seconds, first_slot, last_slot;
	int expected;		/* the status to be counted */
	unsigned long long random;
};

struct connection {
	int fd;
	char request[REQUEST_MAX];
	size_t request_len, sent;
	char head[ANSWER_HEAD_MAX + 1];
	size_t head_len;
	long body_left;		/* -1 = the head is not complete */
	int status;
	bool closing;		/* the server said so */
	int64_t begun_ns;
	struct lane *lane;
};

static unsigned long long draw(struct options *o)
{
	/* splitmix64 */
	unsigned long long z = o->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static void open_socket(struct connection *c, const struct options *o, int ep)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	int on = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 ||
	    connect(c->fd, (const struct sockaddr *)&o->to, sizeof(o->to)) < 0)
		die("connect: %s", strerror(errno));
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &event) < 0)
		die("epoll_ctl: %s", strerror(errno));
}

/* Another visitor: unique key, name and address. */
static size_t body_write(struct options *o, char *to, size_t size)
{
	unsigned long long a = draw(o);
	unsigned long long b = draw(o);
	unsigned long long slots =
		(unsigned long long)(o->last_slot - o->first_slot + 1);
	long slot = o->first_slot + (long)(draw(o) % slots);
	int len;

	if (o->json)
		len = snprintf(to, size, "{\"slot\":%ld,\"name\":\"Visitor "
			       "%016llx\",\"email\":\"v%016llx@bench.example."
			       "org\",\"seats\":1}", slot, a, a);
	else
		len = snprintf(to, size, "slot=%ld&name=Visitor+%016llx&email="
			       "v%016llx%%40bench.example.org&seats=1&notes=&"
			       "lang=en&key=%016llx%016llx", slot, a, a, a, b);
	if (len < 0 || (size_t)len >= size)
		die("the request does not fit");
	return (size_t)len;
}

static void request_fits(struct connection *c, int len)
{
	if (len < 0 || (size_t)len >= sizeof(c->request))
		die("the request does not fit");
	c->request_len = (size_t)len;
}

static void read_write(struct connection *c, const struct options *o)
{
	request_fits(c, snprintf(c->request, sizeof(c->request),
				 "GET %s HTTP/1.1\r\nHost: localhost\r\n"
				 "Accept-Language: en\r\n%s%s\r\n", o->path,
				 o->header, *o->header ? "\r\n" : ""));
}

static void book_write(struct connection *c, struct options *o)
{
	char body[REQUEST_MAX / 2];
	size_t body_len = body_write(o, body, sizeof(body));
	int len = snprintf(c->request, sizeof(c->request),
			   "POST %s HTTP/1.1\r\nHost: localhost\r\n"
			   "Content-Type: %s\r\nAccept: %s\r\n"
			   "Accept-Language: en\r\n"
			   "Content-Length: %zu\r\n\r\n%s",
			   o->json ? "/api/v1/bookings" : "/bookings",
			   o->json ? "application/json"
				   : "application/x-www-form-urlencoded",
			   o->json ? "application/json" : "text/html",
			   body_len, body);

	request_fits(c, len);
}

/* A request fits into the socket's buffer, so this does not block. */
static void request_send(struct connection *c)
{
	ssize_t n = send(c->fd, c->request, c->request_len, MSG_NOSIGNAL);

	/* A close that crossed our request is seen when we read. */
	if (n >= 0 && (size_t)n != c->request_len)
		die("a request was cut");
	c->head_len = 0;
	c->body_left = -1;
	c->closing = false;
}

static const char *header_find(const char *head, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line;
	     line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, len) == 0)
			return line + len + strspn(line + len, " ");
	}
	return NULL;
}

/* Looks whether the head is complete; what came with it counts as body. */
static void head_read(struct connection *c)
{
	char *end = strstr(c->head, "\r\n\r\n");
	const char *length;
	const char *wish;

	if (!end) {
		if (c->head_len == ANSWER_HEAD_MAX)
			die("an answer's head does not fit");
		return;
	}
	end[2] = '\0';
	if (sscanf(c->head, "HTTP/1.1 %d", &c->status) != 1)
		die("this is not HTTP: %.40s", c->head);
	length = header_find(c->head, "Content-Length:");
	if (!length)
		die("an answer without Content-Length, status %d", c->status);
	wish = header_find(c->head, "Connection:");
	c->closing = wish && strncasecmp(wish, "close", 5) == 0;
	c->body_left = strtol(length, NULL, 10) -
		       ((long)c->head_len - (end + 4 - c->head));
}

static void answer_count(struct connection *c, const struct options *o)
{
	if (c->status == o->expected) {
		lane_add(c->lane, c->begun_ns, now_ns());
		return;
	}
	c->lane->other++;
	c->lane->other_code = c->status;
}

/* Reads once.  True when the answer is complete; a connection that the server
 * closed before it answered is opened again. */
static bool answer_read(struct connection *c, const struct options *o, int ep)
{
	char body[16384];
	char *to = c->body_left < 0 ? c->head + c->head_len : body;
	size_t room = c->body_left < 0 ? ANSWER_HEAD_MAX - c->head_len
				       : sizeof(body);
	ssize_t n = recv(c->fd, to, room, 0);

	if (n <= 0) {
		if (c->head_len > 0)
			die("an answer was cut");
		(void)close(c->fd); /* the server has done so */
		open_socket(c, o, ep);
		request_send(c);
		return false;
	}
	if (c->body_left < 0) {
		c->head_len += (size_t)n;
		c->head[c->head_len] = '\0';
		head_read(c);
	} else {
		c->body_left -= n;
	}
	if (c->body_left > 0 || c->body_left == -1)
		return false;
	answer_count(c, o);
	if (c->closing) {
		(void)close(c->fd); /* was read to its end */
		open_socket(c, o, ep);
	}
	return true;
}

static void next_request(struct connection *c, struct options *o)
{
	if (o->path)
		read_write(c, o);
	else
		book_write(c, o);
	c->begun_ns = now_ns();
	request_send(c);
}

static void load(struct options *o, struct lanes *lanes)
{
	static struct connection all[CONNECTIONS_MAX];
	struct epoll_event events[CONNECTIONS_MAX];
	int ep = epoll_create1(EPOLL_CLOEXEC);
	int open_count = (int)o->connections;
	int64_t end_ns;

	if (ep < 0)
		die("epoll_create1: %s", strerror(errno));
	for (long i = 0; i < o->connections; i++) {
		all[i].lane = &lanes->lane[i];
		open_socket(&all[i], o, ep);
	}
	end_ns = now_ns() + o->seconds * 1000000000;
	for (long i = 0; i < o->connections; i++)
		next_request(&all[i], o);
	while (open_count > 0) {
		int n = epoll_wait(ep, events, CONNECTIONS_MAX, STALL_MS);

		if (n <= 0)
			die("no answer for %d s", STALL_MS / 1000);
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			if (!answer_read(c, o, ep))
				continue;
			if (now_ns() < end_ns) {
				next_request(c, o);
				continue;
			}
			(void)close(c->fd); /* all is read */
			open_count--;
		}
	}
	(void)close(ep);
}

int main(int argc, char **argv)
{
	struct options o = { .to = { .sin_family = AF_INET }, .header = "" };
	struct lanes *lanes;
	int64_t begun_ns;

	if (argc != 9 && argc != 10)
		die("usage: httpload PORT form|json|/PATH STATUS CONNECTIONS "
		    "SECONDS FIRST_SLOT LAST_SLOT SEED [HEADER]");
	o.to.sin_port = htons((uint16_t)number(argv[1], 1, 65535));
	o.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	o.json = strcmp(argv[2], "json") == 0;
	if (argv[2][0] == '/')
		o.path = argv[2];
	if (argc == 10)
		o.header = argv[9];
	o.expected = (int)number(argv[3], 100, 599);
	o.connections = number(argv[4], 1, CONNECTIONS_MAX);
	o.seconds = number(argv[5], 1, 600);
	o.first_slot = number(argv[6], 1, 1L << 40);
	o.last_slot = number(argv[7], 1, 1L << 40);
	o.random = (unsigned long long)number(argv[8], 0, 1L << 40);
	lanes = lanes_new((size_t)o.connections);
	begun_ns = now_ns();
	load(&o, lanes);
	lanes_report(lanes, (double)(now_ns() - begun_ns) / 1e9);
	return 0;
}
