/* SPDX-License-Identifier: MIT */
/* Reads and writes questions. */
#include "config.h"

#include "store/questions.h"

#include "base/alloc.h"
#include "store/audit.h"
#include "store/impl.h"

#include <string.h>

static void words_read(const struct dbconn *db, size_t at,
		       struct question_words *out)
{
	dbconn_text_copy(db, at, out->lang, sizeof(out->lang));
	out->label = alloc_text(dbconn_text(db, at + 1));
	out->options = alloc_text(dbconn_text(db, at + 2));
}

static void question_read(const struct dbconn *db, struct question *q)
{
	char name[QUESTION_NAME_MAX + 1];

	q->id = dbconn_int(db, 0);
	dbconn_text_copy(db, 1, name, sizeof(name));
	question_name_set(q, name);
	q->kind = (enum question_kind)dbconn_int(db, 2);
	q->required = dbconn_int(db, 3) != 0;
	q->per_seat = dbconn_int(db, 4) != 0;
	q->position = dbconn_int(db, 5);
	q->retired = dbconn_int(db, 6) != 0;
	q->own.label = alloc_text(dbconn_text(db, 7));
	q->own.options = alloc_text(dbconn_text(db, 8));
}

/* The current row: a question, or another language of the one before. */
static void row_read(const struct dbconn *db, struct questions *out)
{
	struct question *q = out->count > 0 ? &out->list[out->count - 1] :
					      NULL;

	if (!q || q->id != dbconn_int(db, 0)) {
		out->list = alloc_resize(out->list, out->count + 1,
					 sizeof(*out->list));
		q = &out->list[out->count++];
		memset(q, 0, sizeof(*q));
		question_read(db, q);
	}
	if (dbconn_is_null(db, 9))
		return;
	q->others = alloc_resize(q->others, q->other_count + 1,
				 sizeof(*q->others));
	memset(&q->others[q->other_count], 0, sizeof(*q->others));
	words_read(db, 9, &q->others[q->other_count++]);
}

#define QUESTION_SELECT \
	"SELECT q.id, q.name, q.kind, q.required, q.per_seat, " \
	"q.position, q.retired_at IS NOT NULL, q.label, q.options, " \
	"t.lang, t.label, t.options, q.service_id FROM question q " \
	"LEFT JOIN question_text t ON t.question_id = q.id "
#define QUESTION_COLUMNS "itiiiiittttti"
#define QUESTION_ORDER "q.position, q.id, t.lang"

static struct questions *questions_new(void)
{
	struct questions *all = alloc_zeroed(1, sizeof(*all));

	all->users = 1;
	return all;
}

int store_services_questions(struct store *s, struct service *services,
			     size_t count, struct fault *why)
{
	static const struct dbquery query = {
		QUESTION_SELECT "ORDER BY q.service_id, " QUESTION_ORDER,
		QUESTION_COLUMNS,
	};
	size_t at = 0;
	int r;

	if (dbconn_run(s->db, &query, DB_NO_VALUES, why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		while (at < count && services[at].id < dbconn_int(s->db, 12))
			at++;
		if (at == count || services[at].id != dbconn_int(s->db, 12))
			continue;	/* it was added just now */
		if (!services[at].questions)
			services[at].questions = questions_new();
		row_read(s->db, services[at].questions);
	}
	return r;
}

int store_service_questions(struct store *s, struct service *service,
			    struct fault *why)
{
	static const struct dbquery query = {
		QUESTION_SELECT "WHERE q.service_id = ? "
		"ORDER BY " QUESTION_ORDER, QUESTION_COLUMNS,
	};
	struct questions *all;
	int r;

	questions_drop(service->questions);
	service->questions = NULL;
	if (dbconn_run(s->db, &query, DB_VALUES(DB_INT(service->id)), why) < 0)
		return -1;
	all = questions_new();
	while ((r = dbconn_next(s->db, why)) == 1)
		row_read(s->db, all);
	if (r == 0 && all->count > 0)
		service->questions = all;
	else
		questions_drop(all);
	return r;
}

/* ---- changes ------------------------------------------------------------ */

static int texts_write(struct store *s, int64_t id, const struct question *q,
		       struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO question_text (question_id, lang, label, options) "
		"VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE "
		"label = VALUES(label), options = VALUES(options)");

	for (size_t i = 0; i < q->other_count; i++) {
		const struct question_words *w = &q->others[i];

		if (dbconn_run(s->db, &query,
			       DB_VALUES(DB_INT(id), DB_TEXT(w->lang),
					 DB_TEXT(w->label),
					 DB_TEXT(w->options)), why) < 0)
			return -1;
	}
	return 0;
}

/* What is written about each change, with the change. */
static int note(struct store *s, const struct question_change *c,
		const char *action, struct fault *why)
{
	const struct audit_entry entry = {
		c->by, action, c->service->slug, c->question->name,
	};

	return store_edition_count(s, c->service->id, why) < 0 ? -1 :
	       store_audit_add(s, &entry, why);
}

/* The service's row is locked, so that two at once do not both find room.
 * Counts what is asked, and the questions of that name. */
static int asked_count(struct store *s, const struct question_change *c,
		       int64_t *named_out, struct fault *why)
{
	static const struct dbquery lock = {
		"SELECT id FROM service WHERE id = ? FOR UPDATE", "i",
	};
	static const struct dbquery count = {
		"SELECT COUNT(IF(retired_at IS NULL, 1, NULL)), "
		"COUNT(IF(name = ?, 1, NULL)) FROM question "
		"WHERE service_id = ?", "ii",
	};
	const struct dbvalue id = DB_INT(c->service->id);

	if (dbconn_get(s->db, &lock, DB_VALUES(id), why) < 0 ||
	    dbconn_get(s->db, &count,
		       DB_VALUES(DB_ASCII(c->question->name), id), why) < 0)
		return -1;
	*named_out = dbconn_int(s->db, 1);
	return (int)dbconn_int(s->db, 0);
}

static int room_look(struct store *s, const struct question_change *c,
		     struct fault *why)
{
	int64_t named;
	int asked = asked_count(s, c, &named, why);

	if (asked < 0)
		return -1;
	if (named > 0)
		return QUESTION_TAKEN;
	return asked >= QUESTIONS_MAX ? QUESTION_TOO_MANY : QUESTION_ADDED;
}

struct adding {
	const struct question_change *c;
	int found;		/* a question_added */
};

static int add_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO question (service_id, name, kind, required, "
		"per_seat, position, label, options) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	struct adding *a = arg;
	const struct question *q = a->c->question;
	const struct dbvalue values[] = {
		DB_INT(a->c->service->id),
		DB_TEXT(q->name),
		DB_INT(q->kind),
		DB_INT(q->required),
		DB_INT(q->per_seat),
		DB_INT(q->position),
		DB_TEXT(q->own.label),
		DB_TEXT(q->own.options),
	};

	a->found = room_look(s, a->c, why);
	if (a->found != QUESTION_ADDED)
		return a->found < 0 ? -1 : STORE_MEANWHILE;
	if (dbconn_run(s->db, &query, DB_ARRAY(values), why) < 0 ||
	    texts_write(s, dbconn_insert_id(s->db), q, why) < 0)
		return -1;
	return note(s, a->c, "question_added", why);
}

int store_question_add(struct store *s, const struct question_change *c,
		       struct fault *why)
{
	struct adding a = { .c = c };

	return store_transaction(s, add_body, &a, why) < 0 ? -1 : a.found;
}

static int alter_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE question SET required = ?, per_seat = ?, "
		"position = ?, label = ?, options = ? WHERE id = ?");
	const struct question_change *c = arg;
	const struct question *q = c->question;
	const struct dbvalue values[] = {
		DB_INT(q->required),
		DB_INT(q->per_seat),
		DB_INT(q->position),
		DB_TEXT(q->own.label),
		DB_TEXT(q->own.options),
		DB_INT(q->id),
	};

	if (dbconn_run(s->db, &query, DB_ARRAY(values), why) < 0 ||
	    texts_write(s, q->id, q, why) < 0)
		return -1;
	return note(s, c, "question_changed", why);
}

int store_question_alter(struct store *s, const struct question_change *c,
			 struct fault *why)
{
	struct question_change copy = *c;

	return store_transaction(s, alter_body, &copy, why) < 0 ? -1 : 0;
}

static int raise_body(struct store *s, void *arg, struct fault *why)
{
	/* Second, fourth, sixth; the one that is raised is third instead of
	 * sixth. */
	static const struct dbquery query = DB_CHANGE(
		"UPDATE question q JOIN (SELECT id, ROW_NUMBER() OVER "
		"(ORDER BY position, id) * 2 AS place FROM question "
		"WHERE service_id = ? AND retired_at IS NULL) o ON o.id = q.id "
		"SET q.position = GREATEST(o.place - IF(q.id = ?, 3, 0), 1)");
	const struct question_change *c = arg;

	if (dbconn_run(s->db, &query,
		       DB_VALUES(DB_INT(c->service->id),
				 DB_INT(c->question->id)), why) < 0)
		return -1;
	return note(s, c, "question_changed", why);
}

int store_question_raise(struct store *s, const struct question_change *c,
			 struct fault *why)
{
	struct question_change copy = *c;

	return store_transaction(s, raise_body, &copy, why) < 0 ? -1 : 0;
}

static int retire_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE question SET retired_at = NOW(3) "
		"WHERE id = ? AND retired_at IS NULL");
	const struct question_change *c = arg;
	int r = store_update(s, &query, DB_VALUES(DB_INT(c->question->id)),
			     why);

	return r == STORE_CHANGED ? note(s, c, "question_retired", why) : r;
}

int store_question_retire(struct store *s, const struct question_change *c,
			  struct fault *why)
{
	struct question_change copy = *c;
	int r = store_transaction(s, retire_body, &copy, why);

	return r < 0 ? -1 : r == STORE_CHANGED;
}

static int restore_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE question SET retired_at = NULL "
		"WHERE id = ? AND retired_at IS NOT NULL");
	struct adding *a = arg;
	int64_t named;
	int asked = asked_count(s, a->c, &named, why);
	int r;

	if (asked < 0)
		return -1;
	/* Whatever else is asked, that it is already comes first. */
	r = store_update(s, &query, DB_VALUES(DB_INT(a->c->question->id)),
			 why);
	if (r < 0)
		return -1;
	a->found = r != STORE_CHANGED ? QUESTION_TAKEN :
		   asked >= QUESTIONS_MAX ? QUESTION_TOO_MANY :
					    QUESTION_ADDED;
	if (a->found != QUESTION_ADDED)
		return STORE_MEANWHILE;
	return note(s, a->c, "question_restored", why);
}

int store_question_restore(struct store *s, const struct question_change *c,
			   struct fault *why)
{
	struct adding a = { .c = c };

	return store_transaction(s, restore_body, &a, why) < 0 ? -1 : a.found;
}
