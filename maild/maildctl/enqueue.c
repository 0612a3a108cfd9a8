/* SPDX-License-Identifier: MIT */
/* maildctl enqueue: checks envelopes as maild will, then pushes them. */
#include "config.h"

#include "maildctl/maildctl.h"

#include "json/jsonpos.h"
#include "json/jsontext.h"
#include "json/put.h"
#include "queue/envelope.h"
#include "queue/produce.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* One byte more than an envelope may have shows that it is too large. */
#define READ_MAX (ENVELOPE_BYTES_MAX + 1)

/* Reads a file or, for "-", standard input.  0, or EX_NOINPUT. */
static int read_input(const char *path, struct buf *out, struct fault *why)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd == -1 ? -1 : 1;

	buf_clear(out);
	while (got > 0 && out->len < READ_MAX) {
		buf_reserve(out, READ_MAX);
		got = read(fd, out->data + out->len, READ_MAX - out->len);
		if (got > 0)
			out->len += (size_t)got;
		else if (got == -1 && errno == EINTR)
			got = 1;
	}
	if (got == -1)
		fault_set_errno(why, FAULT_REJECT, errno, "%s",
				standard ? "standard input" : path);
	if (fd != -1 && !standard)
		(void)close(fd);	/* only read from */
	if (got == -1)
		return EX_NOINPUT;
	/* Editors end a file with a newline, which is not part of the text. */
	while (out->len > 0 && strchr("\r\n", out->data[out->len - 1]) &&
	       out->data[out->len - 1])
		out->len--;
	out->data[out->len] = '\0';
	return 0;
}

/* Where in the text the mistake is that the sentence names.  False =
 * nowhere. */
static bool find_fault(const struct buf *text, const char *sentence,
		       size_t *offset)
{
	const char *name = strchr(sentence, '"');
	struct jsontext_wrong wrong;
	char path[64];
	size_t len = name ? strcspn(name + 1, "\"") : 0;

	if (!jsontext_check(text->data, text->len, JSONTEXT_DEPTH_MAX,
			    &wrong)) {
		*offset = wrong.offset;
		return true;
	}
	if (len == 0 || len >= sizeof(path))
		return false;
	memcpy(path, name + 1, len);
	path[len] = '\0';
	return jsonpos_member(text->data, text->len, path, offset);
}

struct report {
	bool json;
	const char *path;	/* of the file in hand */
	struct json_object *results;
};

/* Says how one file went, naming the place as compilers do. */
static void say_one(struct report *report, const char *id,
		    const struct buf *text, const char *sentence)
{
	size_t line = 0, column = 0, offset;
	bool placed = sentence && find_fault(text, sentence, &offset);

	if (placed)
		jsontext_place(text->data, offset, &line, &column);
	if (report->json) {
		struct json_object *one = put_row(report->results);

		put_safe_text(one, "file", report->path);
		put_safe_text(one, "id", id);
		put_flag(one, "good", !sentence);
		put_safe_text(one, "fault", sentence ? sentence : "");
		put_int(one, "line", (int64_t)line);
		put_int(one, "column", (int64_t)column);
	} else if (placed) {
		(void)fprintf(stderr, "%s:%zu:%zu: %s\n", report->path,
			      line, column, sentence);
	} else if (sentence) {
		(void)fprintf(stderr, "%s: %s\n", report->path, sentence);
	}
}

static int one_file(struct ctl *ctl, struct report *report, struct fault *why)
{
	struct buf text = BUF_INIT;
	struct fault wrong = { .class = FAULT_NONE };
	bool is_check = cli_flag(ctl->call, "check");
	struct envelope e;
	int status = read_input(report->path, &text, why);

	if (status)
		goto out;
	if (envelope_parse(text.data, text.len, &e, &wrong) == -1) {
		say_one(report, "", &text, wrong.text);
		status = EX_DATAERR;
		goto out;
	}
	if (!is_check &&
	    queue_publish(ctl->q, text.data, text.len, why) == -1)
		status = CLI_BY_FAULT;
	else
		say_one(report, e.id, &text, NULL);
	if (status == 0 && !report->json)
		ctl_sayf("%s: %s\n", e.id, is_check ? "good" : "pushed");
	envelope_release(&e);
out:
	buf_release(&text);
	return status;
}

int ctl_enqueue(struct ctl *ctl, struct fault *why)
{
	struct report report = { .json = ctl->json };
	int worst = 0;

	report.results = put_new_list();
	for (int i = 0; i < ctl->call->word_count; i++) {
		int status;

		report.path = ctl->call->words[i];
		status = one_file(ctl, &report, why);
		if (status && worst == 0)
			worst = status;
		/* A wrong envelope does not stop the others; a missing Redis
		 * does. */
		if (status && status != EX_DATAERR)
			break;
	}
	if (report.json) {
		struct json_object *json = ctl_answer_new();
		put_value(json, "envelopes", report.results);
		ctl_say_json(json);
	} else {
		json_object_put(report.results);
	}
	return worst;
}
