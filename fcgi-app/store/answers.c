/* SPDX-License-Identifier: MIT */
/* Writes and reads answers. */
#include "config.h"

#include "store/answers.h"

#include "base/str.h"
#include "domain/question.h"
#include "json/put.h"
#include "store/impl.h"
#include "store/questions.h"

#include <json-c/json.h>

struct json_object *store_answers_rows(const struct answers *answers)
{
	struct json_object *list = put_new_list();

	for (size_t i = 0; i < answers->count; i++) {
		const struct given_answer *a = &answers->list[i];
		struct json_object *row = put_row(list);

		put_int(row, "question", a->question_id);
		put_int(row, "seat", a->seat);
		put_text(row, "text", a->text);
		if (a->phone_back[0] != '\0')
			put_text(row, "phone", a->phone_back);
	}
	return list;
}

int store_answers_insert(struct store *s, int64_t booking_id,
			 const struct answers *answers, struct fault *why)
{
	/* However many they are, one statement: the transaction has locks.  To
	 * MySQL a bare question mark is no JSON. */
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO answer (booking_id, question_id, seat, text, "
		"phone_back) SELECT ?, a.question, a.seat, a.text, a.phone "
		"FROM " SQL_ANSWERS_OF("CONVERT(? USING utf8mb4)"));
	struct json_object *rows;
	int r;

	if (!answers || answers->count == 0)
		return 0;
	rows = store_answers_rows(answers);
	r = dbconn_run(s->db, &query,
		       DB_VALUES(DB_INT(booking_id),
				 DB_TEXT(json_object_to_json_string(rows))),
		       why);
	json_object_put(rows);
	return r;
}

int store_answers_erase(struct store *s, int64_t booking_id,
			struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"DELETE FROM answer WHERE booking_id = ?");

	return dbconn_run(s->db, &query, DB_VALUES(DB_INT(booking_id)), why);
}

int store_answers(struct store *s, struct booking_view *v, struct fault *why)
{
#define ORDER " ORDER BY q.position, q.id, a.seat"
	static const struct dbquery booked = {
		"SELECT a.question_id, a.seat, a.text, a.phone_back "
		"FROM answer a JOIN question q ON q.id = a.question_id "
		"WHERE a.booking_id = ?" ORDER,
		"iitt",
	};
	static const struct dbquery held = {
		"SELECT a.question, a.seat, a.text, a.phone FROM waiting w "
		"CROSS JOIN " SQL_ANSWERS_OF("w.answers")
		" JOIN question q ON q.id = a.question WHERE w.id = ?" ORDER,
		"iitt",
	};
	int r;

	answers_release(&v->answers);
	r = v->held ?
		dbconn_run(s->db, &held, DB_VALUES(DB_INT(-v->id)), why) :
		dbconn_run(s->db, &booked, DB_VALUES(DB_INT(v->id)), why);
	if (r < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		struct given_answer one = {
			.question_id = dbconn_int(s->db, 0),
			.seat = dbconn_int(s->db, 1),
			.text = (char *)(uintptr_t)dbconn_text(s->db, 2),
		};

		dbconn_text_copy(s->db, 3, one.phone_back,
				 sizeof(one.phone_back));
		answers_add(&v->answers, &one);	/* copies */
	}
	if (r < 0 || v->answers.count == 0)
		return r;
	return store_service_questions(s, &v->service, why);
}
