#include "reports/tests/desk.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <unistd.h>

#include "reports/report.h"

enum { WORDS_MAX = 32 };

const char *
desk_data(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "reports/tests/data/%s", name);
    return path;
}

json_t *
desk_rules_new(void)
{
    json_error_t error;
    json_t *rules = json_load_file(desk_data("rules.json"), JSON_REJECT_DUPLICATES, &error);

    ck_assert_msg(rules != NULL, "rules.json:%d: %s", error.line, error.text);
    return rules;
}

void
desk_folder(char path[static 256])
{
    const char *temporary = getenv("TMPDIR");

    snprintf(path, 256, "%s/understudy-reports-XXXXXX", temporary ? temporary : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
}

void
desk_clean(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    char below[1024];

    while (folder && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (unlink(below) != 0)
            desk_clean(below);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

char *
desk_read_new(const char *dir, const char *name)
{
    char path[512], *text = NULL;
    size_t room = 0;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *in = fopen(path, "r");

    if (!in)
        return NULL;
    if (getdelim(&text, &room, '\0', in) < 0 && text)
        *text = '\0';
    fclose(in);
    return text ? text : strdup("");
}

void
desk_write(const char *dir, const char *name, const char *text)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *out = fopen(path, "w");

    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    fclose(out);
}

static int
redirect(int descriptor, const char *dir, const char *name)
{
    char path[512];
    int kept = dup(descriptor), file;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ck_assert_int_ge(file, 0);
    dup2(file, descriptor);
    close(file);
    return kept;
}

int
desk_report(const char *dir, json_t *rules, const char *line)
{
    char *copy = strdup(line), *rest = copy, *words[WORDS_MAX + 2], *word, name[] = "report";
    int count = 0;

    words[count++] = name;
    while (count < WORDS_MAX && (word = strsep(&rest, " ")) != NULL)
        if (*word)
            words[count++] = word;
    words[count] = NULL;
    fflush(NULL);
    int out = redirect(STDOUT_FILENO, dir, "out"), err = redirect(STDERR_FILENO, dir, "err");
    int outcome = report_main(count, words, rules);

    fflush(NULL);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    free(copy);
    return outcome;
}
