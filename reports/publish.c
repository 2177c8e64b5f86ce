#include "reports/publish.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

static int
complain(const char *path, const char *why)
{
    fprintf(stderr, "understudy: %s: %s\n", path, why);
    return -1;
}

static int
make_folder(const char *path)
{
    struct stat there;

    if (mkdir(path, 0777) == 0)
        return 0;
    if (errno == EEXIST && stat(path, &there) == 0)
        return S_ISDIR(there.st_mode) ? 0
                                      : complain(path, "is a file, expected a folder for reports");
    return complain(path, strerror(errno));
}

int
publish_folder(const char *dir)
{
    char path[PATH_MAX];

    if (*dir == '\0' || (size_t)snprintf(path, sizeof path, "%s", dir) >= sizeof path)
        return complain(dir, "not the name of a folder");
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (make_folder(path) != 0)
            return -1;
        *slash = '/';
    }
    return make_folder(path);
}

/* A full disk may show itself only when the file is closed. */
static bool
write_whole(const char *path, void (*write)(json_t *tree, FILE *out), json_t *tree)
{
    FILE *out = fopen(path, "w");

    if (!out)
        return false;
    write(tree, out);

    bool is_written = fflush(out) == 0 && !ferror(out);

    return fclose(out) == 0 && is_written;
}

int
publish_file(const char *dir, const char *name, void (*write)(json_t *tree, FILE *out),
             json_t *tree)
{
    char path[PATH_MAX], unfinished[PATH_MAX];

    if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >= sizeof path ||
        (size_t)snprintf(unfinished, sizeof unfinished, "%s/.%s.unfinished", dir, name) >=
            sizeof unfinished)
        return complain(dir, strerror(ENAMETOOLONG));
    if (write_whole(unfinished, write, tree) && rename(unfinished, path) == 0)
        return 0;

    int reason = errno;

    unlink(unfinished);
    return complain(path, strerror(reason));
}
