#include "conformance/verbs.h"

#include <stdbool.h>
#include <string.h>

#define HEAD PHASE_HEAD
#define STAGE PHASE_STAGE
#define PLAY PHASE_PLAY
#define ANYBODY WHO_ANYBODY
#define BOT WHO_BOT
#define CLIENT WHO_CLIENT
#define NO JSON_NO
#define MAY JSON_MAY
#define MUST JSON_MUST
#define MANY 1000

const struct verb_row verb_table[VERB_COUNT] = {
#define VERB(symbol, name, phase, who, min, max, json, usage, help)                                \
    [VERB_##symbol] = {name, phase, who, min, max, json, usage, help},
#include "conformance/verbs.def"
#undef VERB
};

enum verb
verb_find(const char *first, const char *second, size_t *words)
{
    size_t length = strlen(first);
    enum verb found = VERB_COUNT;

    *words = 1;
    for (enum verb verb = 0; verb < VERB_COUNT; verb++) {
        const char *name = verb_table[verb].name;

        if (strncmp(name, first, length) != 0)
            continue;
        if (name[length] == '\0' && found == VERB_COUNT)
            found = verb;
        if (name[length] == ' ' && second != NULL && strcmp(name + length + 1, second) == 0) {
            *words = 2;
            return verb;
        }
    }
    return found;
}

/* Edit distance, where two letters that changed places count as one mistake; given up beyond short words. */
static size_t
distance(const char *one, const char *other)
{
    enum { LONGEST = 40 };
    size_t height = strlen(one), width = strlen(other);
    size_t cells[LONGEST + 1][LONGEST + 1];

    if (height > LONGEST || width > LONGEST)
        return LONGEST;
    for (size_t i = 0; i <= height; i++)
        cells[i][0] = i;
    for (size_t j = 0; j <= width; j++)
        cells[0][j] = j;
    for (size_t i = 1; i <= height; i++) {
        for (size_t j = 1; j <= width; j++) {
            size_t best = cells[i - 1][j - 1] + (one[i - 1] != other[j - 1]);
            if (cells[i - 1][j] + 1 < best)
                best = cells[i - 1][j] + 1;
            if (cells[i][j - 1] + 1 < best)
                best = cells[i][j - 1] + 1;
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] &&
                cells[i - 2][j - 2] + 1 < best)
                best = cells[i - 2][j - 2] + 1;
            cells[i][j] = best;
        }
    }
    return cells[height][width];
}

const char *
verb_nearest(const char *word, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t best = strlen(word) < 5 ? 2 : 3; /* closer than this */

    for (size_t i = 0; i < count; i++) {
        size_t away = distance(word, names[i]);
        if (away < best) {
            best = away;
            nearest = names[i];
        }
    }
    return nearest;
}

const char *
verb_suggest(const char *word)
{
    const char *names[VERB_COUNT];

    for (enum verb verb = 0; verb < VERB_COUNT; verb++)
        names[verb] = verb_table[verb].name;
    return verb_nearest(word, names, VERB_COUNT);
}

static void
manual_section(FILE *to, const char *title, bool (*belongs)(const struct verb_row *))
{
    fprintf(to, "%s\n\n| step | does |\n| --- | --- |\n", title);
    for (enum verb verb = 0; verb < VERB_COUNT; verb++) {
        const struct verb_row *row = &verb_table[verb];

        if (!belongs(row))
            continue;
        fputs("| `", to);
        for (const char *c = row->usage; *c != '\0'; c++)
            fputs(*c == '|' ? "\\|" : (char[]){*c, '\0'}, to);
        fprintf(to, "` | %s |\n", row->help);
    }
}

static bool
declares(const struct verb_row *row)
{
    return row->phase != PHASE_PLAY;
}

static bool
happens(const struct verb_row *row)
{
    return row->phase == PHASE_PLAY && row->who == WHO_ANYBODY;
}

static bool
is_bots(const struct verb_row *row)
{
    return row->who == WHO_BOT;
}

static bool
is_clients(const struct verb_row *row)
{
    return row->who == WHO_CLIENT;
}

void
verb_manual(FILE *to)
{
    manual_section(to, "Before anything happens:", declares);
    manual_section(to, "\nWhat happens:", happens);
    manual_section(to,
                   "\nWhat the scripted bot does; left out when a client is under test:", is_bots);
    manual_section(to, "\nOnly with a client under test:", is_clients);
}
