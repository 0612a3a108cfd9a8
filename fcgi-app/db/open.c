/* SPDX-License-Identifier: MIT */
/* Opens the connection: to which host, with TLS or without. */
#include "config.h"

#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/names.h"
#include "db/conn.h"
#include "db/impl.h"
#include "db/pin.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of the connect limit: so long no host but the first is waited for. */
#define LIMITS_FOR_ALL 3

#define ACCESS_DENIED 1045	/* ER_ACCESS_DENIED_ERROR */

/* One try: a host and the address that it is known by, if it is. */
struct target {
	const struct dbhost *host;	/* NULL = the socket */
	const char *address;		/* NULL = the library looks it up */
};

/*
 * Trusts the authorities of the system's.  MySQL's library knows of none by
 * itself, and MariaDB's takes, from 3.4 on, whoever can prove that it knows the
 * password for good if none are named.
 */
static void trust_system(MYSQL *m)
{
	const char *file = X509_get_default_cert_file();

	if (access(file, R_OK) == 0)
		(void)mysql_options(m, MYSQL_OPT_SSL_CA, file);
	(void)mysql_options(m, MYSQL_OPT_SSL_CAPATH,
			    X509_get_default_cert_dir());
}

/*
 * The chain and the name must be right.  The two libraries say it in different
 * words, and each has dropped the other's.  Both must also be told when not to:
 * from MariaDB Connector/C 3.4 on, and in MySQL's, TLS is the default.
 */
static void tls_set(MYSQL *m, const struct dbtls *tls, bool wanted)
{
	const char *ca_file = tls->ca_file && *tls->ca_file ? tls->ca_file :
							      NULL;

	/* These only store the value; a wrong one shows when we connect. */
	if (wanted)
		(void)mysql_options(m, MYSQL_OPT_TLS_VERSION,
				    "TLSv1.2,TLSv1.3");
	if (wanted && ca_file)
		(void)mysql_options(m, MYSQL_OPT_SSL_CA, ca_file);
	else if (wanted)
		trust_system(m);
#ifdef LIBMARIADB
	const char is_wanted = wanted;	/* a my_bool */

	(void)mysql_options(m, MYSQL_OPT_SSL_ENFORCE, &is_wanted);
	(void)mysql_options(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &is_wanted);
#else
	unsigned mode = wanted ? SSL_MODE_VERIFY_IDENTITY : SSL_MODE_DISABLED;
	const bool key_by_it = true;

	(void)mysql_options(m, MYSQL_OPT_SSL_MODE, &mode);
	/* Without TLS caching_sha2_password needs the server's key. */
	if (!wanted)
		(void)mysql_options(m, MYSQL_OPT_GET_SERVER_PUBLIC_KEY,
				    &key_by_it);
#endif
}

/* Never MYSQL_OPT_RECONNECT: it would lose the transaction in silence. */
static MYSQL *handle_new(const struct dbconn_opts *opts, bool local, bool tls)
{
	unsigned protocol = local ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	unsigned no_infile = 0;
	MYSQL *m = mysql_init(NULL);

	must(m);
	/* These only store the value; a wrong one shows when we connect. */
	(void)mysql_options(m, MYSQL_OPT_CONNECT_TIMEOUT,
			    &opts->connect_limit_s);
	(void)mysql_options(m, MYSQL_OPT_READ_TIMEOUT, &opts->call_limit_s);
	(void)mysql_options(m, MYSQL_OPT_WRITE_TIMEOUT, &opts->call_limit_s);
	(void)mysql_options(m, MYSQL_OPT_PROTOCOL, &protocol);
	(void)mysql_options(m, MYSQL_OPT_LOCAL_INFILE, &no_infile);
	(void)mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	tls_set(m, &opts->tls, tls);
	return m;
}

/* What the library is to call the host, with TLS also what the certificate must
 * be for; where that is not where it is found, this is pinned. */
static const char *name_for(const struct dbconn_opts *opts,
			    const struct target *to, bool tls)
{
	const char *where = to->address ? to->address : to->host->name;
	const char *name = to->host->name;

	if (!tls)
		return where;
	if (opts->tls.name && *opts->tls.name)
		name = opts->tls.name;
	if (strcmp(name, where) != 0)
		dbpin_set(name, where);
	return name;
}

static int session_begin(struct dbconn *db, struct dbnode *node)
{
	static const char *const session[] = {
		"SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,"
		"NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
		"NO_ENGINE_SUBSTITUTION', time_zone='+00:00', "
		"innodb_lock_wait_timeout=3",
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
	};

	for (size_t i = 0; i < ARRAY_COUNT(session); i++)
		if (mysql_real_query(db->handle, session[i],
				     strlen(session[i])))
			return -1;
	return dbnode_look(db->handle, node);
}

/* MariaDB says no more than this if an account, or the whole server, is to be
 * reached by TLS only. */
static void connect_failed(struct dbconn *db, bool in_clear, struct fault *why)
{
	bool denied = mysql_errno(db->handle) == ACCESS_DENIED;
	char said[sizeof(why->text)];

	dbconn_handle_failed(db, "connect", why);
	if (!denied || !in_clear || !why)
		return;
	memcpy(said, why->text, sizeof(said));
	(void)fault_set(why, why->class, "%s; or, if it must be TLS, set "
			"mysql_tls = required", said);
}

/* Connects by the socket, or to that host. */
static int connect_to(struct dbconn *db, const struct target *to,
		      struct dbnode *node, struct fault *why)
{
	const struct dbconn_opts *opts = db->opts;
	bool tls = to->host && dbtls_is_wanted(&opts->tls, to->host->name);
	const char *name = to->host ? name_for(opts, to, tls) : NULL;
	const MYSQL *made;

	db->handle = handle_new(opts, !to->host, tls);
	made = mysql_real_connect(db->handle, name, opts->user, opts->password,
				  opts->database,
				  to->host ? to->host->port : 0,
				  to->host ? NULL : opts->socket, 0);
	dbpin_set(NULL, NULL);
	if (!made || session_begin(db, node) < 0) {
		connect_failed(db, to->host && !tls, why);
	} else if (tls && !mysql_get_ssl_cipher(db->handle)) {
		db->setting = "mysql_tls";
		(void)fault_set(why, FAULT_RETRY, "mysql: connect: no TLS, "
				"though mysql_tls wants it");
	} else {
		return 0;
	}
	dbconn_close(db);
	db->error = DBCONN_DEAD;
	return -1;
}

/* Tries the host's known addresses in turn, until the time for one is over. */
static int connect_by_name(struct dbconn *db, const struct dbhost *host,
			   struct dbnode *node, struct fault *why)
{
	const struct dbconn_opts *opts = db->opts;
	int64_t until_ms = ticks_ms() + INT64_C(1000) * opts->connect_limit_s;
	struct names_found found;
	size_t i = 0;

	names_find(opts->names, host->name, &found);
	if (found.count == 0) {
		db->error = DBCONN_DEAD;
		(void)fault_set(why, FAULT_RETRY, "mysql: connect: the address "
				"of %s is not known", host->name);
	}
	while (i < found.count && (i == 0 || ticks_ms() < until_ms)) {
		const struct target to = { host, found.address[i++] };

		if (connect_to(db, &to, node, why) == 0)
			return 0;
	}
	names_doubt(opts->names, host->name);
	return -1;
}

static int connect_host(struct dbconn *db, const struct dbhost *host,
			struct dbnode *node, struct fault *why)
{
	const struct target to = { host, NULL };

	return host && db->opts->names ?
		connect_by_name(db, host, node, why) :
		connect_to(db, &to, node, why);
}

/* "mysql: connect: it is read-only".  Returns -1. */
static int refused(struct dbconn *db, const struct dbnode *node,
		   struct fault *why)
{
	db->error = DBCONN_DEAD;
	return fault_set(why, FAULT_RETRY, "mysql: connect: %s", node->words);
}

/* The socket, or the only host: it is what there is. */
static int open_only(struct dbconn *db, struct fault *why)
{
	const struct dbhost *host = db->hosts.count ? &db->hosts.list[0] : NULL;
	struct dbnode node;

	if (connect_host(db, host, &node, why) < 0)
		return -1;
	if (node.rank != NODE_AWAY)
		return 0;
	dbconn_close(db);
	return refused(db, &node, why);
}

/* Adds what was wrong with one host to the sentence about all. */
static void blame(struct fault *all, const struct dbhost *host,
		  const struct fault *one)
{
	char said[sizeof(all->text)];
	const char *what = one->text;

	if (str_starts_with(what, "mysql: connect: "))
		what += strlen("mysql: connect: ");
	memcpy(said, all->text, sizeof(said));
	(void)fault_set(all, one->class, "%s%s%s:%u: %s",
			*said ? said : "mysql: connect: ", *said ? "; " : "",
			host->name, host->port, what);
}

/* Whoever finds another host than the last says so once. */
static void choose(dbhosts_choice *choice, const struct dbhosts *hosts,
		   size_t i, const char *state)
{
	if (atomic_exchange(choice, (unsigned)i) != i)
		log_warning("changed database host=%s port=%u state=%s",
			    hosts->list[i].name, hosts->list[i].port, state);
}

static int open_one_of(struct dbconn *db, struct fault *why)
{
	const struct dbhosts *hosts = &db->hosts;
	dbhosts_choice *choice = db->opts->choice ? db->opts->choice :
						    &db->own_choice;
	size_t first = atomic_load(choice) % hosts->count;
	size_t spare = hosts->count;
	int64_t until_ms = ticks_ms() + INT64_C(1000) * LIMITS_FOR_ALL *
			   db->opts->connect_limit_s;
	struct fault all = { .class = FAULT_RETRY };
	struct fault one;
	struct dbnode node;

	for (size_t tried = 0; tried < hosts->count; tried++) {
		/* After the last good one, the list's order: so all processes
		 * find the same. */
		size_t i = tried == 0 ? first : tried - (tried <= first);
		const struct dbhost *host = &hosts->list[i];

		if (ticks_ms() >= until_ms) {
			/* The next to come goes on from here. */
			atomic_store(choice, (unsigned)i);
			break;
		}
		if (connect_host(db, host, &node, &one) == 0) {
			if (node.rank == NODE_GOOD) {
				choose(choice, hosts, i, "good");
				return 0;
			}
			if (node.rank == NODE_SPARE && spare == hosts->count)
				spare = i;
			dbconn_close(db);
			refused(db, &node, &one);
		}
		blame(&all, host, &one);
	}
	if (spare < hosts->count && connect_host(db, &hosts->list[spare],
						 &node, &one) == 0) {
		if (node.rank != NODE_AWAY) {
			choose(choice, hosts, spare,
			       node.read_only ? "read-only" : "behind");
			return 0;
		}
		dbconn_close(db);
	}
	db->error = DBCONN_DEAD;
	if (why)
		*why = all;
	return -1;
}

int dbconn_open(struct dbconn *db, struct fault *why)
{
	if (db->handle)
		return 0;
	db->setting = db->hosts.count ? "mysql_host" : "mysql_socket";
	if ((db->hosts.count > 1 ? open_one_of(db, why) :
				   open_only(db, why)) < 0)
		return -1;
	db->setting = "mysql_database";
	return 0;
}

int dbconn_may_write(struct dbconn *db, struct fault *why)
{
	struct dbnode node;

	if (dbconn_open(db, why) < 0)
		return -1;
	dbconn_result_drop(db);
	if (dbnode_look(db->handle, &node) < 0)
		return dbconn_handle_failed(db, "state", why);
	if (node.rank != NODE_AWAY && !node.read_only)
		return 1;
	dbconn_close(db);
	db->error = DBCONN_DEAD;
	(void)fault_set(why, FAULT_RETRY, "mysql: %s", node.words);
	return 0;
}
