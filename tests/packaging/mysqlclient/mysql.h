/* SPDX-License-Identifier: MIT */
/*
 * Stand-in for the header of Oracle's libmysqlclient, for a compile check.
 *
 * Made from the reference manual of MySQL 8.4's C API, for machines that cannot
 * have the package: only what we call is here.  It is as narrow as both
 * libraries are together: handles have no members, MYSQL_BIND has the documented
 * ones, bool stands where MariaDB has my_bool, and what one of the two dropped
 * (my_bool, MYSQL_OPT_RECONNECT, MYSQL_OPT_SSL_ENFORCE, MYSQL_SECURE_AUTH) is
 * not known.  Nothing links against it.
 */
#ifndef STANDIN_MYSQL_H
#define STANDIN_MYSQL_H

#include <stdbool.h>
#include <stdint.h>

typedef struct MYSQL MYSQL;
typedef struct MYSQL_RES MYSQL_RES;
typedef struct MYSQL_STMT MYSQL_STMT;
typedef char **MYSQL_ROW;

enum mysql_option {
	MYSQL_OPT_CONNECT_TIMEOUT = 100, MYSQL_OPT_COMPRESS,
	MYSQL_INIT_COMMAND, MYSQL_SET_CHARSET_NAME, MYSQL_OPT_LOCAL_INFILE,
	MYSQL_OPT_PROTOCOL, MYSQL_OPT_READ_TIMEOUT, MYSQL_OPT_WRITE_TIMEOUT,
	MYSQL_REPORT_DATA_TRUNCATION, MYSQL_OPT_BIND, MYSQL_OPT_SSL_KEY,
	MYSQL_OPT_SSL_CERT, MYSQL_OPT_SSL_CA, MYSQL_OPT_SSL_CAPATH,
	MYSQL_OPT_SSL_CIPHER, MYSQL_OPT_TLS_VERSION, MYSQL_OPT_SSL_MODE,
	MYSQL_OPT_GET_SERVER_PUBLIC_KEY, MYSQL_OPT_MAX_ALLOWED_PACKET
};

enum mysql_ssl_mode {
	SSL_MODE_DISABLED = 1, SSL_MODE_PREFERRED, SSL_MODE_REQUIRED,
	SSL_MODE_VERIFY_CA, SSL_MODE_VERIFY_IDENTITY
};

enum mysql_protocol_type {
	MYSQL_PROTOCOL_DEFAULT, MYSQL_PROTOCOL_TCP, MYSQL_PROTOCOL_SOCKET
};

enum enum_field_types {
	MYSQL_TYPE_TINY = 1, MYSQL_TYPE_SHORT, MYSQL_TYPE_LONG,
	MYSQL_TYPE_LONGLONG, MYSQL_TYPE_NULL, MYSQL_TYPE_DATETIME,
	MYSQL_TYPE_STRING, MYSQL_TYPE_BLOB
};

enum enum_mysql_timestamp_type {
	MYSQL_TIMESTAMP_NONE = -2, MYSQL_TIMESTAMP_DATE = 0,
	MYSQL_TIMESTAMP_DATETIME
};

typedef struct MYSQL_TIME {
	unsigned int year, month, day, hour, minute, second;
	unsigned long second_part;
	bool neg;
	enum enum_mysql_timestamp_type time_type;
} MYSQL_TIME;

typedef struct MYSQL_BIND {
	enum enum_field_types buffer_type;
	void *buffer;
	unsigned long buffer_length;
	unsigned long *length;
	bool *is_null;
	bool is_unsigned;
	bool *error;
} MYSQL_BIND;

#define MYSQL_NO_DATA 100
#define MYSQL_DATA_TRUNCATED 101

MYSQL *mysql_init(MYSQL *mysql);
int mysql_options(MYSQL *mysql, enum mysql_option option, const void *arg);
MYSQL *mysql_real_connect(MYSQL *mysql, const char *host, const char *user,
			  const char *passwd, const char *db,
			  unsigned int port, const char *unix_socket,
			  unsigned long client_flag);
void mysql_close(MYSQL *mysql);
int mysql_real_query(MYSQL *mysql, const char *query, unsigned long length);
MYSQL_RES *mysql_store_result(MYSQL *mysql);
MYSQL_ROW mysql_fetch_row(MYSQL_RES *result);
void mysql_free_result(MYSQL_RES *result);
const char *mysql_get_ssl_cipher(MYSQL *mysql);
unsigned int mysql_errno(MYSQL *mysql);
const char *mysql_error(MYSQL *mysql);
const char *mysql_sqlstate(MYSQL *mysql);

MYSQL_STMT *mysql_stmt_init(MYSQL *mysql);
int mysql_stmt_prepare(MYSQL_STMT *stmt, const char *query,
		       unsigned long length);
bool mysql_stmt_bind_param(MYSQL_STMT *stmt, MYSQL_BIND *bind);
bool mysql_stmt_bind_result(MYSQL_STMT *stmt, MYSQL_BIND *bind);
int mysql_stmt_execute(MYSQL_STMT *stmt);
int mysql_stmt_store_result(MYSQL_STMT *stmt);
int mysql_stmt_fetch(MYSQL_STMT *stmt);
int mysql_stmt_fetch_column(MYSQL_STMT *stmt, MYSQL_BIND *bind,
			    unsigned int column, unsigned long offset);
bool mysql_stmt_free_result(MYSQL_STMT *stmt);
bool mysql_stmt_close(MYSQL_STMT *stmt);
uint64_t mysql_stmt_affected_rows(MYSQL_STMT *stmt);
uint64_t mysql_stmt_insert_id(MYSQL_STMT *stmt);
unsigned int mysql_stmt_field_count(MYSQL_STMT *stmt);
unsigned long mysql_stmt_param_count(MYSQL_STMT *stmt);
unsigned int mysql_stmt_errno(MYSQL_STMT *stmt);
const char *mysql_stmt_error(MYSQL_STMT *stmt);
const char *mysql_stmt_sqlstate(MYSQL_STMT *stmt);

#endif
