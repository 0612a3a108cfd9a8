/* SPDX-License-Identifier: MIT */
/*
 * Accepts connections and hands them to libfcgi.
 *
 * We accept ourselves: the connection gets time limits (the library has none),
 * only one idle worker wakes up for it, and a stop never meets a half accepted
 * one.  The library is given no listening socket at all.
 */
#include "config.h"

#include "app.h"

#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "metrics/metrics.h"
#include "outbox/relay.h"
#include "queue/queue.h"
#include "redis/rconn.h"
#include "site/site.h"
#include "web.h"

#include <errno.h>
#include <fcgiapp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sysexits.h>
#include <unistd.h>

/* Relay: nobody waits for it, so it may be patient. */
#define RELAY_CONNECT_MS 1000
#define RELAY_COMMAND_MS 5000
#define NO_FILES_PAUSE_MS 100

static int epoll_open(int listen_fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	if (ep >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, listen_fd, &event) < 0) {
		(void)close(ep);
		ep = -1;
	}
	if (ep < 0)
		log_error("could not watch the socket: %s", strerror(errno));
	return ep;
}

/* Limits for both directions, so that a peer that stops holds nobody. */
static bool limit_times(int fd, int64_t limit_ms)
{
	struct timeval limit = {
		.tv_sec = limit_ms / 1000,
		.tv_usec = limit_ms % 1000 * 1000,
	};

	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
			  sizeof(limit)) == 0 &&
	       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
			  sizeof(limit)) == 0;
}

/*
 * Waits for a connection with signals open, and accepts it.  Returns it, or -1
 * when there was none: somebody else took it, or we are to stop.
 */
static int next_connection(int ep, int listen_fd)
{
	struct epoll_event event;

	if (epoll_pwait(ep, &event, 1, -1, prefork_open_mask()) < 1)
		return -1;
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
		       errno == ENOBUFS || errno == ENOMEM)) {
		log_error("could not accept: %s", strerror(errno));
		(void)prefork_poll(NULL, 0, NO_FILES_PAUSE_MS);
	}
	return fd;
}

/*
 * Ends the request.  The library would close for writing, wait for the web
 * server to close, and read what it may still have sent: a connection that is
 * closed before all was read is reset, and a reset may overtake the answer.
 * When all has been read, up to the end of the request, there is nothing to
 * wait for: what was written arrives, since the kernel keeps it.
 */
static void finish(FCGX_Request *request)
{
	bool all_read = FCGX_HasSeenEOF(request->in) == EOF &&
			FCGX_GetError(request->in) == 0;

	/* One request a connection: a kept one would hold a whole worker. */
	request->keepConnection = all_read;
	FCGX_Finish_r(request);
	/* "Kept" unless the answer could not be written. */
	if (request->ipcFd >= 0)
		(void)close(request->ipcFd);
	request->ipcFd = -1;
}

/* Serves one connection: one request, then it is closed. */
static void serve(struct site *site, FCGX_Request *request, int fd)
{
	/* Half of it, so that a silent peer costs a connection, no worker. */
	if (!limit_times(fd, site->conf.request_time / 2)) {
		(void)close(fd);
		return;
	}
	/* The library treats a kept connection as its own; "keep" also stops it
	 * from closing this one as an earlier request's. */
	request->ipcFd = fd;
	request->keepConnection = 1;
	if (FCGX_Accept_r(request) < 0)
		return;		/* not FastCGI, or gone; closed already */
	web_answer(site, request->envp, request);
	CRASH_POINT("book: answering");
	finish(request);
	site_finish(site);
}

int app_worker_run(const struct app_worker *w, unsigned slot, unsigned index)
{
	struct fault why;
	FCGX_Request request;
	int64_t limit = w->site->conf.recycle_requests;
	int64_t served = 0;
	int ep = epoll_open(w->listen_fd);

	/* Neighbours are not recycled at the same time. */
	limit += limit / 64 * (index % 16);
	if (ep < 0)
		return EX_OSERR;
	if (site_connect(w->site, &why) < 0) {
		log_error("could not start: %s", why.text);
		return EX_CONFIG;
	}
	must(FCGX_InitRequest(&request, -1, 0) == 0);
	while (!prefork_stopping()) {
		int fd = next_connection(ep, w->listen_fd);

		if (fd < 0)
			continue;
		atomic_store(&w->slots->deadline_ms[slot],
			     ticks_ms() + w->site->conf.request_time);
		serve(w->site, &request, fd);
		atomic_store(&w->slots->deadline_ms[slot], 0);
		if (limit > 0 && ++served >= limit)
			break;
	}
	(void)close(ep);
	site_release(w->site);
	return 0;
}

static void count_report(void *arg, enum queue_fate fate)
{
	metrics_fate(arg, fate);
}

int app_relay_run(struct site *site)
{
	struct fault why;
	const struct rconn_opts redis = site_redis(site, RELAY_CONNECT_MS,
						   RELAY_COMMAND_MS);
	struct rconn *r;

	if (site_connect(site, &why) < 0 ||
	    (r = rconn_new(&redis, &why)) == NULL) {
		log_error("could not start: %s", why.text);
		return EX_CONFIG;
	}
	struct queue *q = queue_new(r, site->conf.redis.prefix);
	const struct relay_opts opts = {
		.store = site->store,
		.queue = q,
		.mail = &site->mail,
		.horizon_ms = site->conf.outbox_horizon,
		.retention_ms = site->conf.retention,
		.digest_to = site->conf.digest_to,
		.digest_hour = site->conf.digest_hour,
		.reported = count_report,
		.arg = site->metrics,
	};
	int status = relay_run(&opts);

	queue_free(q);
	rconn_free(r);
	site_release(site);
	return status;
}
