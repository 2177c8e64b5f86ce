#include "edge/rules_markdown.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "edge/rules_table.h"
#include "graph/api.h"

static const char *const fidelities[] = {"documented", "observed", "inferred", "not reproduced"};
enum { FIDELITIES = sizeof fidelities / sizeof *fidelities };

/* One table: the member of the JSON, what it is called, and its columns. */
static const struct part {
    const char *key, *title;
    const char *columns[8]; /* heading, key, heading, key, ... NULL ends */
} parts[] = {
    {"endpoints", "Endpoints", {"endpoint", "id", "since", "since", "until", "until", NULL}},
    {"rules", "Rules", {"rule", "id", "kind", "kind", "says", "title", NULL}},
    {"errors", "Errors", {"error", "id", "code", "numbers", "message", "message", NULL}},
    {"limits", "Limits", {"limit", "id", "says", "title", NULL}},
    {"templates", "Templates", {"template", "id", "since", "since", "until", "until", NULL}},
    {"fields", "Fields of requests", {"field", "path", "type", "type", "at most", "max", NULL}},
    {"events", "Webhook events", {"event", "id", "field", "field", NULL}},
    {"acts", "Acts", {"act", "name", "what happens", "summary", NULL}},
};
#define PARTS (sizeof parts / sizeof *parts)

/* A bar would end the cell, < could begin a tag, and a backslash would take the next letter's meaning. */
static void
put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '<' || *text == '\\')
            fputc('\\', out);
        fputc(*text == '\n' ? ' ' : *text, out);
    }
}

static const char *
text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text != NULL ? text : "";
}

/* Rows that nothing leads to are not reproduced, whatever is known of them. */
static const char *
fidelity_of(const json_t *row)
{
    return json_is_false(json_object_get(row, "reached")) ? "not reproduced"
                                                          : text_of(row, "fidelity");
}

static void
put_numbers(FILE *out, const json_t *row)
{
    const json_t *subcode = json_object_get(row, "subcode");

    fprintf(out, "%lld", (long long)json_integer_value(json_object_get(row, "code")));
    if (json_is_integer(subcode))
        fprintf(out, "/%lld", (long long)json_integer_value(subcode));
    if (json_integer_value(json_object_get(row, "http")) != 0)
        fprintf(out, ", HTTP %lld", (long long)json_integer_value(json_object_get(row, "http")));
}

static void
put_cell(FILE *out, const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    if (strcmp(key, "numbers") == 0)
        put_numbers(out, row);
    else if (json_is_integer(value))
        fprintf(out, "%lld", (long long)json_integer_value(value));
    else
        put_text(out, text_of(row, key));
}

static void
put_row(FILE *out, const struct part *part, const json_t *row)
{
    const char *reason = text_of(row, "reason");

    for (size_t i = 0; part->columns[i] != NULL; i += 2) {
        fputs("| ", out);
        put_cell(out, row, part->columns[i + 1]);
        fputc(' ', out);
    }
    fprintf(out, "| %s%s", fidelity_of(row), *reason != '\0' ? ": " : "");
    put_text(out, reason);
    fprintf(out, " | %s |\n", text_of(row, "cite"));
}

static void
put_part(FILE *out, const struct part *part, const json_t *tables)
{
    const json_t *row;
    size_t i;

    fprintf(out, "\n## %s\n\n", part->title);
    for (i = 0; part->columns[i] != NULL; i += 2)
        fprintf(out, "| %s ", part->columns[i]);
    fputs("| fidelity | source |\n", out);
    for (i = 0; part->columns[i] != NULL; i += 2)
        fputs("| --- ", out);
    fputs("| --- | --- |\n", out);
    json_array_foreach(json_object_get(tables, part->key), i, row) put_row(out, part, row);
}

static void
put_sums(FILE *out, const json_t *tables)
{
    fputs("| table | rows |", out);
    for (size_t i = 0; i < FIDELITIES; i++)
        fprintf(out, " %s |", fidelities[i]);
    fputs("\n| --- | ---: | ---: | ---: | ---: | ---: |\n", out);
    for (size_t i = 0; i < PARTS; i++) {
        const json_t *rows = json_object_get(tables, parts[i].key), *row;
        size_t sums[FIDELITIES] = {0}, at;

        json_array_foreach(rows, at, row) for (size_t k = 0; k < FIDELITIES; k++) sums[k] +=
            strcmp(fidelity_of(row), fidelities[k]) == 0;
        fprintf(out, "| %s | %zu |", parts[i].title, json_array_size(rows));
        for (size_t k = 0; k < FIDELITIES; k++)
            fprintf(out, " %zu |", sums[k]);
        fputc('\n', out);
    }
}

static void
put_choices(FILE *out, const json_t *tables)
{
    const json_t *row;
    size_t i;

    fputs("\n## Questions left open, and what we chose\n\nThe sources say nothing on these, or two "
          "things. What rests on a choice is marked inferred in the tables "
          "below.\n\n| question | what the simulator does | how to get the other thing | source "
          "|\n| --- | --- | --- | --- |\n",
          out);
    json_array_foreach(json_object_get(tables, "choices"), i, row)
    {
        fputs("| ", out);
        put_text(out, text_of(row, "question"));
        fputs(" | ", out);
        put_text(out, text_of(row, "choice"));
        fputs(" | ", out);
        put_text(out, text_of(row, "other"));
        fprintf(out, " | %s |\n", text_of(row, "cite"));
    }
}

static void
put_absent(FILE *out, const json_t *tables)
{
    const json_t *row;
    size_t i;

    fputs("\n## Not reproduced\n\nErrors that no situation leads to are marked in their own "
          "table.\n\n| kind | what | why, and what happens instead |\n"
          "| --- | --- | --- |\n",
          out);
    json_array_foreach(json_object_get(tables, "absent"), i, row)
    {
        fprintf(out, "| %s | ", text_of(row, "kind"));
        put_text(out, text_of(row, "what"));
        fputs(" | ", out);
        put_text(out, text_of(row, "reason"));
        fputs(" |\n", out);
    }
}

void
rules_markdown_write(FILE *out, ms_t as_of)
{
    struct buf text = {0};

    graph_init();
    rules_table_write(&text, as_of);
    json_t *tables = json_loadb(text.s, text.n, 0, NULL);

    buf_fini(&text);
    if (tables == NULL)
        abort();
    fputs("# How faithful it is\n\n"
          "Made by `build/understudy rules --markdown > docs/fidelity.md`; a test fails when this "
          "file is out of date. Do not edit it: the rows stand in the `.def` "
          "tables.\n\n"
          "*Documented*: the platform's own pages or specification say so. *Observed*: somebody "
          "published what the platform answered. *Inferred*: neither; it is what "
          "fits best. *Not reproduced*: known, but nothing in a world leads to it; errors among "
          "them can still be ordered as a fault. A source is a key of "
          "`fixtures/sources.json`, or a place in [platform/](platform/).\n\n",
          out);
    put_sums(out, tables);
    put_choices(out, tables);
    put_absent(out, tables);
    for (size_t i = 0; i < PARTS; i++)
        put_part(out, &parts[i], tables);
    json_decref(tables);
}
