/* SPDX-License-Identifier: MIT */
/* Makes the values of answers. */
#include "config.h"

#include "answer/asked.h"

#include "answer/render.h"
#include "base/buf.h"
#include "domain/question.h"
#include "json/put.h"
#include "text/lang.h"

#include <stdlib.h>

static struct json_object *row_new(const struct call *call,
				   struct json_object *list,
				   const struct question *q,
				   const struct booking_view *v)
{
	const struct question_words *words = question_words(
		q, lang_tag(call->lang));
	const char *lang = *words->lang != '\0' ? words->lang :
		*v->service.language != '\0' ? v->service.language :
		call->site->conf.default_locale;
	struct json_object *row = put_row(list);

	put_text(row, "label", words->label);
	put_text(row, "foreign",
		 strcmp(lang, lang_tag(call->lang)) != 0 ? lang : "");
	put_text(row, "dial", "");
	return row;
}

void page_put_answers(const struct call *call, struct json_object *to,
		      const struct booking_view *v)
{
	struct json_object *list = put_list(to, "answers");
	const struct answers *all = &v->answers;
	size_t i = 0;

	while (i < all->count) {
		const struct given_answer *a = &all->list[i];
		const struct question *q = questions_by_id(
			v->service.questions, a->question_id);
		struct buf text = BUF_INIT;
		char dial[4 * PHONE_MAX + 1];
		struct json_object *row;

		/* All seats of one question stand side by side. */
		for (; i < all->count &&
		       all->list[i].question_id == a->question_id; i++) {
			char *shown = !q ? NULL : answer_shown(
				q, &all->list[i], lang_tag(call->lang),
				page_text(call, "form.yes"));

			if (text.len > 0)
				buf_addch(&text, '\n');
			if (shown)
				buf_addstr(&text, shown);
			free(shown);
		}
		if (q) {
			row = row_new(call, list, q, v);
			put_text(row, "text", text.data);
			if (q->kind == QUESTION_PHONE && a->seat == 0) {
				phone_dial(a->text, dial);
				put_text(row, "dial", dial);
			}
		}
		buf_release(&text);
	}
}
