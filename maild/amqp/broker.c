/* SPDX-License-Identifier: MIT */
/* One connection to RabbitMQ: the only file that knows librabbitmq. */
#include "config.h"

#include "amqp/broker.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/ticks.h"

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define CHANNEL 1
#define HEARTBEAT_S 10
#define LIMIT_S 5		/* for each answer */
#define DELIVERY_LIMIT 20
#define SAID_MAX 200
#define SECONDS_MAX UINT64_C(100000000000)	/* the year 5138 */
#define REASON_HEADER "x-reservoir-reason"

enum expected { METHOD, HEADER, BODY };

struct broker {
	const struct amqpconf *conf;
	amqp_connection_state_t conn;
	char name[AMQP_HOST_MAX + 8];
	bool broken;		/* closing it politely would wait in vain */
	bool confirms;		/* what is published here is confirmed */
	enum expected expected;	/* the next frame of a message */
	uint64_t tag;
	uint64_t size;		/* of the message's body */
	const amqp_basic_properties_t *properties;	/* the library's, until
							   broker_next() */
	struct buf body;
};

/* ---- faults ------------------------------------------------------------- */

static struct timeval limit_of(int64_t ms)
{
	return (struct timeval){ .tv_sec = ms / 1000,
				 .tv_usec = ms % 1000 * 1000 };
}

static int fail_status(struct broker *b, const char *what, int status,
		       struct fault *why)
{
	bool is_tls = status == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED ||
		      status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED;

	b->broken = true;
	return fault_set(why, is_tls ? FAULT_CONFIG : FAULT_RETRY,
			 "%s: %s: %s", b->name, what,
			 amqp_error_string2(status));
}

/* Somebody must change something, or it is only so for now? */
static enum fault_class class_of(int code)
{
	switch (code) {
	case AMQP_ACCESS_REFUSED:
	case AMQP_NOT_ALLOWED:
	case AMQP_NOT_FOUND:
	case AMQP_PRECONDITION_FAILED:
	case AMQP_NOT_IMPLEMENTED:
		return FAULT_CONFIG;
	default:
		return FAULT_RETRY;
	}
}

static int fail_closed(struct broker *b, const char *what,
		       const amqp_method_t *method, struct fault *why)
{
	const amqp_channel_close_t *channel = method->decoded;
	const amqp_connection_close_t *connection = method->decoded;
	amqp_bytes_t text = AMQP_EMPTY_BYTES;
	char said[SAID_MAX];
	char *copy;
	int code = 0;

	if (method->id == AMQP_CHANNEL_CLOSE_METHOD) {
		code = channel->reply_code;
		text = channel->reply_text;
	} else if (method->id == AMQP_CONNECTION_CLOSE_METHOD) {
		code = connection->reply_code;
		text = connection->reply_text;
		b->broken = true;
	}
	copy = alloc_textn(text.bytes ? text.bytes : "", text.len);
	(void)str_printable(said, sizeof(said), copy);
	free(copy);
	return fault_set(why, class_of(code), "%s: %s: %d %s", b->name, what,
			 code, said);
}

/* What came of the last question.  0, or -1. */
static int answered(struct broker *b, const char *what, amqp_rpc_reply_t reply,
		    struct fault *why)
{
	switch (reply.reply_type) {
	case AMQP_RESPONSE_NORMAL:
		return 0;
	case AMQP_RESPONSE_SERVER_EXCEPTION:
		return fail_closed(b, what, &reply.reply, why);
	case AMQP_RESPONSE_LIBRARY_EXCEPTION:
		return fail_status(b, what, reply.library_error, why);
	default:
		b->broken = true;
		return fault_set(why, FAULT_RETRY, "%s: %s: no answer",
				 b->name, what);
	}
}

static int asked(struct broker *b, const char *what, struct fault *why)
{
	return answered(b, what, amqp_get_rpc_reply(b->conn), why);
}

/* ---- connecting --------------------------------------------------------- */

static amqp_socket_t *tls_socket(struct broker *b, struct fault *why)
{
	const char *file = b->conf->amqp_tls_ca_file;
	amqp_socket_t *s = amqp_ssl_socket_new(b->conn);
	int status;

	if (!s) {
		(void)fault_set(why, FAULT_RETRY, "%s: no TLS", b->name);
		return NULL;
	}
	amqp_ssl_socket_set_verify_peer(s, 1);
	amqp_ssl_socket_set_verify_hostname(s, 1);
	status = amqp_ssl_socket_set_ssl_versions(s, AMQP_TLSv1_2,
						  AMQP_TLSvLATEST);
	if (status == AMQP_STATUS_OK && file[0])
		status = amqp_ssl_socket_set_cacert(s, file);
	if (status != AMQP_STATUS_OK)
		(void)fault_set(why, FAULT_CONFIG, "amqp_tls_ca_file: %s: %s",
				file, amqp_error_string2(status));
	else if (!file[0] && SSL_CTX_set_default_verify_paths(
			amqp_ssl_socket_get_context(s)) != 1)
		(void)fault_set(why, FAULT_CONFIG, "amqp_tls_ca_file: the "
				"system has no certificates to trust");
	else
		return s;
	return NULL;
}

static amqp_table_entry_t text_entry(const char *key, const char *value)
{
	return (amqp_table_entry_t){
		.key = amqp_cstring_bytes(key),
		.value = { .kind = AMQP_FIELD_KIND_UTF8,
			   .value.bytes = amqp_cstring_bytes(value) },
	};
}

static amqp_table_entry_t flag_entry(const char *key)
{
	return (amqp_table_entry_t){
		.key = amqp_cstring_bytes(key),
		.value = { .kind = AMQP_FIELD_KIND_BOOLEAN,
			   .value.boolean = 1 },
	};
}

static int log_in(struct broker *b, struct fault *why)
{
	amqp_table_entry_t can[] = {
		flag_entry("consumer_cancel_notify"),
		flag_entry("authentication_failure_close"),
	};
	amqp_table_entry_t properties[] = {
		text_entry("connection_name", "maild-amqp"),
		{ .key = amqp_cstring_bytes("capabilities"),
		  .value = { .kind = AMQP_FIELD_KIND_TABLE,
			     .value.table = { ARRAY_COUNT(can), can } } },
	};
	const amqp_table_t table = { ARRAY_COUNT(properties), properties };
	const char *password = b->conf->amqp_password;

	if (answered(b, "login", amqp_login_with_properties(
			b->conn, b->conf->amqp_vhost, CHANNEL,
			AMQP_DEFAULT_FRAME_SIZE, HEARTBEAT_S, &table,
			AMQP_SASL_METHOD_PLAIN, b->conf->amqp_user,
			password ? password : ""), why) == -1)
		return -1;
	(void)amqp_channel_open(b->conn, CHANNEL);	/* asked() says */
	return asked(b, "channel", why);
}

struct broker *broker_open_at(const struct amqpconf *conf,
			      const struct amqpconf_place *place,
			      struct fault *why)
{
	struct broker *b = alloc_zeroed(1, sizeof(*b));
	struct timeval limit = limit_of(LIMIT_S * 1000);
	amqp_socket_t *s;
	int status;

	b->conf = conf;
	b->broken = true;
	buf_init(&b->body);
	(void)snprintf(b->name, sizeof(b->name), "%s:%d", place->name,
		       place->port);
	b->conn = amqp_new_connection();
	must(b->conn);
	s = place->tls ? tls_socket(b, why) : amqp_tcp_socket_new(b->conn);
	if (!s)
		goto fail;
	(void)amqp_set_handshake_timeout(b->conn, &limit);	/* copies it */
	(void)amqp_set_rpc_timeout(b->conn, &limit);
	status = amqp_socket_open_noblock(s, place->name, place->port, &limit);
	if (status != AMQP_STATUS_OK) {
		(void)fail_status(b, "connect", status, why);
		goto fail;
	}
	b->broken = false;
	if (log_in(b, why) == 0)
		return b;
fail:
	broker_close(b);
	return NULL;
}

struct broker *broker_open(const struct amqpconf *conf, size_t *host,
			   struct fault *why)
{
	struct fault first = { .class = FAULT_NONE };
	struct amqpconf_place place;
	size_t count = 0;

	while (amqpconf_place_at(conf, count, &place, why) == 1)
		count++;
	must(count > 0);
	for (size_t n = 0; n < count; n++) {
		size_t i = (*host + n) % count;
		struct broker *b;

		must(amqpconf_place_at(conf, i, &place, why) == 1);
		b = broker_open_at(conf, &place, why);
		if (b) {
			*host = i;
			return b;
		}
		/* What a person must mend is told before what may pass. */
		if (first.class != FAULT_CONFIG)
			first = *why;
	}
	*why = first;
	return NULL;
}

const char *broker_name(const struct broker *b)
{
	return b->name;
}

int broker_fd(const struct broker *b)
{
	return amqp_get_sockfd(b->conn);
}

/* ---- queues ------------------------------------------------------------- */

static int declare(struct broker *b, const char *queue, amqp_table_t args,
		   struct fault *why)
{
	char what[SAID_MAX];

	if (!b->conf->declare)
		args = amqp_empty_table;
	(void)amqp_queue_declare(b->conn, CHANNEL, amqp_cstring_bytes(queue),
				 !b->conf->declare, 1, 0, 0, args);
	(void)snprintf(what, sizeof(what), "queue %.*s", 100, queue);
	return asked(b, what, why);
}

/*
 * Both are quorum queues.  One bridge at a time gets the messages, in their
 * order; a message that was given back too often, which is a bridge that died
 * of it, goes to the refused ones, and no moment is without it in one of them.
 */
int broker_declare(struct broker *b, struct fault *why)
{
	amqp_table_entry_t args[] = {
		text_entry("x-queue-type", "quorum"),
		text_entry("x-dead-letter-exchange", ""),
		text_entry("x-dead-letter-routing-key", b->conf->refused),
		text_entry("x-dead-letter-strategy", "at-least-once"),
		text_entry("x-overflow", "reject-publish"),
		flag_entry("x-single-active-consumer"),
		{ .key = amqp_cstring_bytes("x-delivery-limit"),
		  .value = { .kind = AMQP_FIELD_KIND_I64,
			     .value.i64 = DELIVERY_LIMIT } },
	};

	/* Of these, the first is for both. */
	if (declare(b, b->conf->refused, (amqp_table_t){ 1, args }, why) == -1)
		return -1;
	return declare(b, b->conf->queue,
		       (amqp_table_t){ ARRAY_COUNT(args), args }, why);
}

int broker_consume(struct broker *b, struct fault *why)
{
	(void)amqp_basic_qos(b->conn, CHANNEL, 0,
			     (uint16_t)b->conf->prefetch, 0);
	if (asked(b, "prefetch", why) == -1)
		return -1;
	(void)amqp_basic_consume(b->conn, CHANNEL,
				 amqp_cstring_bytes(b->conf->queue),
				 amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
	return asked(b, "consume", why);
}

/* ---- reading ------------------------------------------------------------ */

/* Reads one frame within limit_ms.  1, 0 = none came, -1. */
static int read_frame(struct broker *b, int64_t limit_ms, amqp_frame_t *frame,
		      struct fault *why)
{
	struct timeval limit = limit_of(limit_ms);
	int status = amqp_simple_wait_frame_noblock(b->conn, frame, &limit);

	if (status == AMQP_STATUS_TIMEOUT)
		return 0;
	if (status != AMQP_STATUS_OK)
		return fail_status(b, "read", status, why);
	if (frame->frame_type != AMQP_FRAME_METHOD)
		return 1;
	switch (frame->payload.method.id) {
	case AMQP_CHANNEL_CLOSE_METHOD:
	case AMQP_CONNECTION_CLOSE_METHOD:
		return fail_closed(b, "closed", &frame->payload.method, why);
	case AMQP_BASIC_CANCEL_METHOD:
		return fault_set(why, FAULT_RETRY, "%s: queue %.100s went "
				 "away", b->name, b->conf->queue);
	default:
		return 1;
	}
}

static bool key_is(const amqp_table_entry_t *entry, const char *key)
{
	return entry->key.len == strlen(key) &&
	       memcmp(entry->key.bytes, key, entry->key.len) == 0;
}

/* When a broker first made it a dead letter, in seconds; 0 = never. */
static uint64_t death_of(const amqp_field_value_t *deaths)
{
	uint64_t first = 0;

	if (deaths->kind != AMQP_FIELD_KIND_ARRAY)
		return 0;
	for (int i = 0; i < deaths->value.array.num_entries; i++) {
		const amqp_field_value_t *one = &deaths->value.array.entries[i];

		if (one->kind != AMQP_FIELD_KIND_TABLE)
			continue;
		for (int j = 0; j < one->value.table.num_entries; j++) {
			const amqp_table_entry_t *e =
				&one->value.table.entries[j];

			if (key_is(e, "time") &&
			    e->value.kind == AMQP_FIELD_KIND_TIMESTAMP &&
			    (first == 0 || e->value.value.u64 < first))
				first = e->value.value.u64;
		}
	}
	return first;
}

static int64_t sent_at_ms(const amqp_basic_properties_t *p)
{
	uint64_t sent_s = 0;

	if (p->_flags & AMQP_BASIC_TIMESTAMP_FLAG)
		sent_s = p->timestamp;
	else if (p->_flags & AMQP_BASIC_HEADERS_FLAG)
		for (int i = 0; i < p->headers.num_entries; i++)
			if (key_is(&p->headers.entries[i], "x-death"))
				sent_s = death_of(&p->headers.entries[i].value);
	if (sent_s < SECONDS_MAX)
		return (int64_t)sent_s * 1000;
	/* Some programs write milliseconds there. */
	return sent_s < SECONDS_MAX * 1000 ? (int64_t)sent_s : 0;
}

static void fill(struct broker *b, struct message *out)
{
	const amqp_basic_properties_t *p = b->properties;

	*out = (struct message){ .tag = b->tag, .body = b->body.data,
				 .len = b->body.len, .sent_ms = sent_at_ms(p) };
	if (p->_flags & AMQP_BASIC_MESSAGE_ID_FLAG) {
		char *copy = alloc_textn(p->message_id.bytes,
					 p->message_id.len);

		(void)str_without_addresses(out->name, sizeof(out->name), copy);
		free(copy);
	}
	b->expected = METHOD;
}

/* Takes the next frame of a message.  True when the message is whole. */
static bool take_frame(struct broker *b, const amqp_frame_t *frame)
{
	if (frame->frame_type == AMQP_FRAME_METHOD) {
		const amqp_basic_deliver_t *deliver =
			frame->payload.method.decoded;

		if (frame->payload.method.id != AMQP_BASIC_DELIVER_METHOD)
			return false;
		b->tag = deliver->delivery_tag;
		b->expected = HEADER;
	} else if (frame->frame_type == AMQP_FRAME_HEADER &&
		   b->expected == HEADER) {
		b->properties = frame->payload.properties.decoded;
		b->size = frame->payload.properties.body_size;
		buf_clear(&b->body);
		b->expected = BODY;
		return b->size == 0;
	} else if (frame->frame_type == AMQP_FRAME_BODY &&
		   b->expected == BODY) {
		buf_add(&b->body, frame->payload.body_fragment.bytes,
			frame->payload.body_fragment.len);
		return b->body.len >= b->size;
	}
	return false;
}

int broker_next(struct broker *b, struct message *out, struct fault *why)
{
	if (b->expected == METHOD)
		amqp_maybe_release_buffers_on_channel(b->conn, CHANNEL);
	for (;;) {
		amqp_frame_t frame;
		int came = read_frame(b, 0, &frame, why);

		if (came != 1)
			return came;
		if (!take_frame(b, &frame))
			continue;
		fill(b, out);
		return 1;
	}
}

int broker_ack(struct broker *b, uint64_t tag, struct fault *why)
{
	int status = amqp_basic_ack(b->conn, CHANNEL, tag, 1);

	return status == AMQP_STATUS_OK ? 0
		: fail_status(b, "ack", status, why);
}

/* ---- refusing ----------------------------------------------------------- */

static int ask_for_confirms(struct broker *b, struct fault *why)
{
	if (b->confirms)
		return 0;
	(void)amqp_confirm_select(b->conn, CHANNEL);
	if (asked(b, "confirms", why) == -1)
		return -1;
	b->confirms = true;
	return 0;
}

/* Waits for the answer to the one message that is on its way. */
static int confirmed(struct broker *b, struct fault *why)
{
	int64_t until_ms = ticks_ms() + LIMIT_S * 1000;
	bool is_returned = false;

	for (;;) {
		int64_t left_ms = until_ms - ticks_ms();
		amqp_frame_t frame;
		int came = read_frame(b, left_ms > 0 ? left_ms : 0, &frame,
				      why);

		if (came == -1)
			return -1;
		if (came == 0 && left_ms <= 0)
			return fault_set(why, FAULT_RETRY, "%s: queue %.100s: "
					 "not confirmed within %d s", b->name,
					 b->conf->refused, LIMIT_S);
		if (came == 0 || frame.frame_type != AMQP_FRAME_METHOD)
			continue;
		switch (frame.payload.method.id) {
		case AMQP_BASIC_RETURN_METHOD:
			is_returned = true;	/* an ack follows anyway */
			break;
		case AMQP_BASIC_NACK_METHOD:
			return fault_set(why, FAULT_RETRY, "%s: queue %.100s "
					 "takes nothing", b->name,
					 b->conf->refused);
		case AMQP_BASIC_ACK_METHOD:
			if (!is_returned)
				return 0;
			return fault_set(why, FAULT_CONFIG, "%s: there is no "
					 "queue %.100s", b->name,
					 b->conf->refused);
		default:
			break;
		}
	}
}

int broker_refuse(struct broker *b, const struct broker *from,
		  const char *reason, struct fault *why)
{
	amqp_basic_properties_t p = *from->properties;
	const amqp_bytes_t body = { from->body.len, from->body.data };
	bool has = p._flags & AMQP_BASIC_HEADERS_FLAG;
	int count = has ? p.headers.num_entries : 0;
	amqp_table_entry_t *entries;
	int kept = 0;
	int status;

	if (ask_for_confirms(b, why) == -1)
		return -1;
	entries = alloc_zeroed((size_t)count + 1, sizeof(*entries));
	for (int i = 0; i < count; i++)
		if (!key_is(&p.headers.entries[i], REASON_HEADER))
			entries[kept++] = p.headers.entries[i];
	entries[kept++] = text_entry(REASON_HEADER, reason);
	p.headers = (amqp_table_t){ kept, entries };
	p.delivery_mode = AMQP_DELIVERY_PERSISTENT;
	/* It is to stay; and RabbitMQ closes on another user's name. */
	p._flags &= ~(amqp_flags_t)(AMQP_BASIC_EXPIRATION_FLAG |
				    AMQP_BASIC_USER_ID_FLAG);
	p._flags |= AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
	status = amqp_basic_publish(b->conn, CHANNEL, amqp_empty_bytes,
				    amqp_cstring_bytes(b->conf->refused), 1, 0,
				    &p, body);
	free(entries);
	if (status != AMQP_STATUS_OK)
		return fail_status(b, "publish", status, why);
	return confirmed(b, why);
}

/* ---- the end ------------------------------------------------------------ */

void broker_close(struct broker *b)
{
	if (!b)
		return;
	/* Nothing depends on the answers: RabbitMQ sees the socket close. */
	if (!b->broken)
		(void)amqp_connection_close(b->conn, AMQP_REPLY_SUCCESS);
	(void)amqp_destroy_connection(b->conn);
	buf_release(&b->body);
	free(b);
}
