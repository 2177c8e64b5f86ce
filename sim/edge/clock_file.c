#include "edge/clock_file.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edge/wallclock.h"
#include "world/xalloc.h"

enum { FOLDER_SIZE = 200, PATH_SIZE = FOLDER_SIZE + 32, JITTER_MS = 1 };

struct clock_file {
    char path[PATH_SIZE], draft[PATH_SIZE];
    ms_t shown; /* virtual minus wall time; MS_NEVER: nothing yet */
};

static char folder[FOLDER_SIZE];
static atomic_uint made;

bool
clock_files_begin(char *problem, size_t size)
{
    const char *temporary = getenv("TMPDIR");

    if (temporary == NULL || temporary[0] == '\0')
        temporary = "/tmp";
    int n = snprintf(folder, sizeof folder, "%s/understudy-clocks-XXXXXX", temporary);
    if (n > 0 && (size_t)n < sizeof folder && mkdtemp(folder) != NULL)
        return true;
    folder[0] = '\0';
    snprintf(problem, size,
             "cannot make a folder for the clock files in %s: %s; set TMPDIR to another one",
             temporary, n < (int)sizeof folder ? strerror(errno) : "its name is too long");
    return false;
}

void
clock_files_end(void)
{
    if (folder[0] != '\0')
        rmdir(folder);
    folder[0] = '\0';
}

struct clock_file *
clock_file_new(void)
{
    if (folder[0] == '\0')
        return NULL;
    struct clock_file *file = xcalloc(1, sizeof *file);
    unsigned number = atomic_fetch_add(&made, 1) + 1;

    snprintf(file->path, sizeof file->path, "%s/clock-%u", folder, number);
    snprintf(file->draft, sizeof file->draft, "%s/draft-%u", folder, number);
    file->shown = MS_NEVER;
    return file;
}

void
clock_file_free(struct clock_file **file)
{
    if (*file == NULL)
        return;
    unlink((*file)->path);
    free(*file);
    *file = NULL;
}

static bool
replace(const struct clock_file *file, ms_t difference)
{
    FILE *draft = fopen(file->draft, "we");
    ms_t size = difference < 0 ? -difference : difference;

    if (draft == NULL)
        return false;
    fprintf(draft, "%c%lld.%03d\n", difference < 0 ? '-' : '+', (long long)(size / SECOND),
            (int)(size % SECOND));
    return fclose(draft) == 0 && rename(file->draft, file->path) == 0;
}

void
clock_file_show(struct clock_file *file, ms_t now)
{
    static atomic_flag was_said = ATOMIC_FLAG_INIT;

    if (file == NULL)
        return;
    ms_t difference = now - wallclock_now();
    if (file->shown != MS_NEVER && llabs(difference - file->shown) <= JITTER_MS)
        return;
    if (replace(file, difference))
        file->shown = difference;
    else if (!atomic_flag_test_and_set(&was_said))
        fprintf(stderr, "understudy serve: cannot write %s: %s; clients keep the time they have\n",
                file->path, strerror(errno));
}

const char *
clock_file_path(const struct clock_file *file)
{
    return file != NULL ? file->path : NULL;
}
