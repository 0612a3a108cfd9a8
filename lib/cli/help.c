/* SPDX-License-Identifier: MIT */
/* The help of a program of commands. */
#include "config.h"

#include "cli/help.h"

#include <string.h>

#define LINE_COLUMNS 80
#define TAB_COLUMNS 8

/* Writes words from a column on, and goes on after a tab where a line is full;
 * is_synopsis: an option stays with its value. */
static void put_words(FILE *out, size_t column, const char *text,
		      bool is_synopsis)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		while (is_synopsis && text[len] &&
		       (text[len - 1] == '|' || !strchr("[-", text[len + 1])))
			len += 1 + strcspn(text + len + 1, " ");
		if (column + 1 + len > LINE_COLUMNS) {
			(void)fputc('\n', out);
			column = 0;
		}
		(void)fputc(column > 0 ? ' ' : '\t', out);
		(void)fwrite(text, 1, len, out);
		column += len + (column > 0 ? 1 : TAB_COLUMNS);
		text += len + (text[len] != '\0');
	}
	(void)fputc('\n', out);
}

void cli_help(const struct cli *cli, FILE *out)
{
	(void)fprintf(out, "usage: %s [-c FILE] COMMAND%s%s ...\n"
		      "  -c FILE  settings, instead of %s\n"
		      "  -V       print the version\n"
		      "  -h       print this text; after a command, "
		      "its part\n",
		      cli->name, *cli->common ? " " : "", cli->common,
		      cli->conf_path);
	for (size_t i = 0; i < cli->command_count; i++) {
		const struct cli_command *c = &cli->commands[i];

		if (!c->summary)
			continue;
		put_words(out, (size_t)fprintf(out, "\n  %s", c->name) - 1,
			  c->synopsis, true);
		put_words(out, 0, c->summary, false);
	}
}

int cli_usage(const struct cli *cli, const char *name, bool has_summary,
	      FILE *out)
{
	size_t len = strlen(name);
	int count = 0;

	for (size_t i = 0; i < cli->command_count; i++) {
		const struct cli_command *c = &cli->commands[i];
		int column;

		if (!c->summary || strncmp(c->name, name, len) != 0 ||
		    (c->name[len] != '\0' && c->name[len] != ' '))
			continue;
		column = fprintf(out, "%s %s [-c FILE] %s%s%s",
				 count++ == 0 ? "usage:" : "      ", cli->name,
				 c->name, *cli->common ? " " : "", cli->common);
		put_words(out, (size_t)column, c->synopsis, true);
		if (has_summary)
			put_words(out, 0, c->summary, false);
	}
	return count;
}

void cli_table_print(const struct cli *cli)
{
	(void)printf("= %s\n", cli->common);
	for (size_t i = 0; i < cli->value_count; i++)
		(void)printf("=%s %s\n", cli->values[i].name,
			     cli->values[i].words);
	for (size_t i = 0; i < cli->command_count; i++)
		if (cli->commands[i].summary)
			(void)printf("%s %s\n", cli->commands[i].name,
				     cli->commands[i].synopsis);
}
