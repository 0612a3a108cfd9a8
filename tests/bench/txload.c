/* SPDX-License-Identifier: MIT */
/* The transaction of a booking from bare C processes, one connection each. */
#include "lanes.h"

#include <mysql.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The statements of fcgi-app/store/book.c, outbox.c and slot.c, for
 * a service that reminds nobody. */
#define SQL_BOOKING \
	"INSERT INTO booking (ref, version, slot_id, seats, name, " \
	"email, locale, notes, idem_key, req_hash, created_at, " \
	"request_id) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define SQL_NOTIFICATION \
	"INSERT INTO notification (booking_id, waiting_id, envelope_id, " \
	"kind, detail, created_at, begins_at, was_at, due_at, state, " \
	"attempts, checks, reply) VALUES (?, NULL, ?, " \
	"'booking.confirmed', '', ?, NULL, NULL, " \
	"NOW(3) + INTERVAL ? MICROSECOND, 0, 0, 0, '')"
#define SQL_SEATS \
	"UPDATE slot_inventory SET booked = booked + ? " \
	"WHERE slot_id = ? AND booked + ? <= capacity"
#define SQL_PEEK \
	"SELECT i.capacity - i.booked, (SELECT COUNT(*) FROM booking b " \
	"WHERE b.idem_key = ?) FROM slot_inventory i " \
	"WHERE i.slot_id = ?"
#define SQL_SESSION \
	"SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE," \
	"NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO," \
	"NO_ENGINE_SUBSTITUTION', time_zone='+00:00', " \
	"innodb_lock_wait_timeout=3"
#define SQL_ISOLATION "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"

#define DUE_IN_US INT64_C(3600000000)	/* the stack's outbox_delay here */
#define VALUES_MAX 11

enum mode { MODE_BOOK, MODE_REFUSE, MODE_PEEK };

struct options {
	const char *socket, *user, *password, *database;
	enum mode mode;
	long connections, seconds, first_slot, last_slot;
	unsigned long long seed;
};

/* The values of one booking, bound once. */
struct client {
	MYSQL *db;
	MYSQL_STMT *booking, *notification, *seats, *peek;
	char hex[33];	/* as nginx's request id is */
	char ref[9], name[64], email[96], envelope[32], locale[3];
	unsigned char key[16], hash[32];
	int64_t slot, one, booking_id, due_us, left, known;
	MYSQL_TIME created;
	unsigned long long random;
};

static unsigned long long draw(struct client *c)
{
	/* splitmix64 */
	unsigned long long z = c->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static void run_text(struct client *c, const char *sql)
{
	if (mysql_real_query(c->db, sql, strlen(sql)))
		die("%s: %s", sql, mysql_error(c->db));
}

static void bind_text(MYSQL_BIND *b, char *text, size_t len)
{
	b->buffer_type = MYSQL_TYPE_STRING;
	b->buffer = text;
	b->buffer_length = len;
}

static void bind_bytes(MYSQL_BIND *b, unsigned char *bytes, size_t len)
{
	b->buffer_type = MYSQL_TYPE_BLOB;
	b->buffer = bytes;
	b->buffer_length = len;
}

static void bind_int(MYSQL_BIND *b, int64_t *value)
{
	b->buffer_type = MYSQL_TYPE_LONGLONG;
	b->buffer = value;
}

static void bind_time(MYSQL_BIND *b, MYSQL_TIME *value)
{
	b->buffer_type = MYSQL_TYPE_DATETIME;
	b->buffer = value;
}

static MYSQL_STMT *prepare(struct client *c, const char *sql, MYSQL_BIND *binds)
{
	MYSQL_STMT *st = mysql_stmt_init(c->db);

	if (!st || mysql_stmt_prepare(st, sql, strlen(sql)) ||
	    mysql_stmt_bind_param(st, binds))
		die("%s: %s", sql, mysql_error(c->db));
	return st;
}

static void prepare_all(struct client *c)
{
	MYSQL_BIND b[VALUES_MAX];

	memset(b, 0, sizeof(b));
	bind_text(&b[0], c->ref, 8);
	bind_int(&b[1], &c->slot);
	bind_int(&b[2], &c->one);
	bind_text(&b[3], c->name, 24);
	bind_text(&b[4], c->email, 34);
	bind_text(&b[5], c->locale, 2);
	bind_text(&b[6], c->locale, 0);
	bind_bytes(&b[7], c->key, sizeof(c->key));
	bind_bytes(&b[8], c->hash, sizeof(c->hash));
	bind_time(&b[9], &c->created);
	bind_text(&b[10], c->hex, 32);
	c->booking = prepare(c, SQL_BOOKING, b);

	memset(b, 0, sizeof(b));
	bind_int(&b[0], &c->booking_id);
	bind_text(&b[1], c->envelope, 18);
	bind_time(&b[2], &c->created);
	bind_int(&b[3], &c->due_us);
	c->notification = prepare(c, SQL_NOTIFICATION, b);

	memset(b, 0, sizeof(b));
	bind_int(&b[0], &c->one);
	bind_int(&b[1], &c->slot);
	bind_int(&b[2], &c->one);
	c->seats = prepare(c, SQL_SEATS, b);

	memset(b, 0, sizeof(b));
	bind_bytes(&b[0], c->key, sizeof(c->key));
	bind_int(&b[1], &c->slot);
	c->peek = prepare(c, SQL_PEEK, b);
}

static void connect_db(struct client *c, const struct options *o)
{
	c->db = mysql_init(NULL);
	if (!c->db)
		die("no memory for a connection");
	(void)mysql_options(c->db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (!mysql_real_connect(c->db, NULL, o->user, o->password, o->database,
				0, o->socket, 0))
		die("connect: %s", mysql_error(c->db));
	run_text(c, SQL_SESSION);
	run_text(c, SQL_ISOLATION);
	prepare_all(c);
}

/* Another visitor: unique reference, key, name and address. */
static void visitor_draw(struct client *c, const struct options *o)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned long long bits = draw(c);
	time_t now = time(NULL);
	struct tm tm;

	for (int i = 0; i < 8; i++)
		c->ref[i] = letters[bits >> (5 * i) & 31];
	(void)snprintf(c->name, sizeof(c->name), "Visitor %016llx", bits);
	(void)snprintf(c->hex, sizeof(c->hex), "%016llx%016llx", bits, bits);
	(void)snprintf(c->email, sizeof(c->email), "v%016llx@bench.example.org",
		       bits);
	(void)snprintf(c->envelope, sizeof(c->envelope), "%.8s.confirm.0",
		       c->ref);
	for (size_t i = 0; i < sizeof(c->hash); i++) {
		c->hash[i] = (unsigned char)draw(c);
		c->key[i % sizeof(c->key)] = c->hash[i];
	}
	c->slot = o->first_slot + (int64_t)(draw(c) %
		(unsigned long long)(o->last_slot - o->first_slot + 1));
	c->one = 1;
	c->due_us = DUE_IN_US;
	(void)gmtime_r(&now, &tm); /* of a time that is now */
	c->created = (MYSQL_TIME){
		.year = (unsigned)tm.tm_year + 1900,
		.month = (unsigned)tm.tm_mon + 1, .day = (unsigned)tm.tm_mday,
		.hour = (unsigned)tm.tm_hour, .minute = (unsigned)tm.tm_min,
		.second = (unsigned)tm.tm_sec,
		.time_type = MYSQL_TIMESTAMP_DATETIME,
	};
}

/* 1 booked, 0 refused, -1 deadlock or lock wait: begin again. */
static int transaction(struct client *c)
{
	unsigned code;

	run_text(c, "BEGIN");
	if (mysql_stmt_execute(c->booking)) {
		code = mysql_stmt_errno(c->booking);
		goto failed;
	}
	c->booking_id = (int64_t)mysql_stmt_insert_id(c->booking);
	if (mysql_stmt_execute(c->notification)) {
		code = mysql_stmt_errno(c->notification);
		goto failed;
	}
	if (mysql_stmt_execute(c->seats)) {
		code = mysql_stmt_errno(c->seats);
		goto failed;
	}
	if (!mysql_stmt_affected_rows(c->seats)) {
		run_text(c, "ROLLBACK");
		return 0;
	}
	run_text(c, "COMMIT");
	return 1;
failed:
	if (code != 1213 && code != 1205 && code != 1020)
		die("transaction: error %u", code);
	run_text(c, "ROLLBACK");
	return -1;
}

/* The read before BEGIN: 0 full, 1 not. */
static int peek(struct client *c)
{
	MYSQL_BIND out[2];
	int r;

	memset(out, 0, sizeof(out));
	bind_int(&out[0], &c->left);
	bind_int(&out[1], &c->known);
	if (mysql_stmt_execute(c->peek) ||
	    mysql_stmt_bind_result(c->peek, out) ||
	    mysql_stmt_store_result(c->peek))
		die("peek: %s", mysql_stmt_error(c->peek));
	r = mysql_stmt_fetch(c->peek);
	if (r && r != MYSQL_NO_DATA)
		die("peek: %s", mysql_stmt_error(c->peek));
	(void)mysql_stmt_free_result(c->peek); /* is in memory */
	return c->known || c->left >= c->one;
}

static void work(const struct options *o, struct lanes *lanes, size_t index)
{
	struct client c = {
		.random = o->seed * 1000003 + index, .locale = "en",
	};
	struct lane *lane = &lanes->lane[index];
	int wanted = o->mode == MODE_BOOK ? 1 : 0;
	int64_t end_ns;
	int64_t begun_ns;

	connect_db(&c, o);
	visitor_draw(&c, o);
	(void)peek(&c);
	(void)atomic_fetch_add(&lanes->ready, 1);
	while (!atomic_load(&lanes->go_at_ns))
		(void)usleep(500);
	end_ns = atomic_load(&lanes->go_at_ns) + o->seconds * 1000000000;
	while ((begun_ns = now_ns()) < end_ns) {
		int r;

		visitor_draw(&c, o);
		r = o->mode == MODE_PEEK ? peek(&c) : transaction(&c);
		while (r < 0) {
			lane->retries++;
			r = transaction(&c);
		}
		if (r == wanted) {
			lane_add(lane, begun_ns, now_ns());
		} else {
			lane->other++;
			lane->other_code = r;
		}
	}
	mysql_close(c.db);
}

static char *password_read(const char *path)
{
	static char text[256];
	FILE *f = fopen(path, "r");

	if (!f || !fgets(text, sizeof(text), f))
		die("%s: %s", path, strerror(errno));
	(void)fclose(f); /* was only read */
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static enum mode mode_read(const char *word)
{
	static const char *const words[] = { "book", "refuse", "peek" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return (enum mode)i;
	die("%s: book, refuse or peek is wanted", word);
}

int main(int argc, char **argv)
{
	struct options o;
	struct lanes *lanes;
	int status;
	int failed = 0;

	if (argc != 11)
		die("usage: txload SOCKET USER PASSWORD_FILE DATABASE MODE "
		    "CONNECTIONS SECONDS FIRST_SLOT LAST_SLOT SEED");
	o = (struct options){
		.socket = argv[1], .user = argv[2],
		.password = password_read(argv[3]), .database = argv[4],
		.mode = mode_read(argv[5]),
		.connections = number(argv[6], 1, 64),
		.seconds = number(argv[7], 1, 600),
		.first_slot = number(argv[8], 1, 1L << 40),
		.last_slot = number(argv[9], 1, 1L << 40),
		.seed = (unsigned long long)number(argv[10], 0, 1L << 40),
	};
	lanes = lanes_new((size_t)o.connections);
	for (size_t i = 0; i < lanes->count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork: %s", strerror(errno));
		if (pid == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(&o, lanes, i);
			_exit(0);
		}
	}
	while (atomic_load(&lanes->ready) < (int)lanes->count) {
		if (waitpid(-1, &status, WNOHANG) > 0)
			die("a client has died");
		(void)usleep(500);
	}
	atomic_store(&lanes->go_at_ns, now_ns());
	while (wait(&status) > 0)
		failed |= status;
	if (failed)
		die("a client has died");
	lanes_report(lanes, (double)o.seconds);
	return 0;
}
