#include "conformance/paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "conformance/alloc.h"

static const char suffix[] = ".scn";

static bool
ends_in_suffix(const char *path)
{
    size_t length = strlen(path), tail = sizeof suffix - 1;

    return length > tail && strcmp(path + length - tail, suffix) == 0;
}

/* The part of an operand that names use: relative paths as they are, of absolute ones the last part. */
static char *
shown_operand(const char *operand)
{
    char *shown = alloc_text(operand);
    size_t length = strlen(shown);

    while (length > 1 && shown[length - 1] == '/')
        shown[--length] = '\0';
    const char *from = shown;
    while (strncmp(from, "./", 2) == 0)
        from += 2;
    if (from[0] == '/' || strncmp(from, "../", 3) == 0)
        from = strrchr(from, '/') + 1;
    char *out = alloc_text(strcmp(from, ".") == 0 ? "" : from);
    free(shown);
    return out;
}

static void
add_file(struct found_files *files, const char *path, const char *shown)
{
    size_t length = strlen(shown);

    if (ends_in_suffix(shown))
        length -= sizeof suffix - 1;
    files->items = alloc_one_more(files->items, files->count, sizeof *files->items);
    files->items[files->count++] =
        (struct found_file){alloc_text(path), alloc_slice(shown, length)};
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int
by_bytes(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

/* NOLINTBEGIN(misc-no-recursion): no deeper than the folders. */
static int
add_folder(struct found_files *files, const char *path, const char *shown)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_visible, by_bytes);
    int result = 0;

    if (count < 0) {
        fprintf(stderr, "understudy: %s: cannot be read: %s\n", path, strerror(errno));
        return -1;
    }
    for (int i = 0; i < count; i++) {
        char *inner = alloc_print("%s/%s", path, entries[i]->d_name);
        char *inner_shown =
            alloc_print("%s%s%s", shown, shown[0] == '\0' ? "" : "/", entries[i]->d_name);
        struct stat status;
        if (result == 0 && stat(inner, &status) == 0) {
            if (S_ISDIR(status.st_mode))
                result = add_folder(files, inner, inner_shown);
            else if (ends_in_suffix(inner))
                add_file(files, inner, inner_shown);
        }
        free(inner_shown);
        free(inner);
        free(entries[i]);
    }
    free(entries);
    return result;
}
/* NOLINTEND(misc-no-recursion) */

int
paths_find(struct found_files *files, const char *operand)
{
    struct stat status;
    size_t before = files->count;
    int result = 0;

    if (stat(operand, &status) != 0) {
        fprintf(stderr, "understudy: %s: %s, expected a .scn file or a folder of them\n", operand,
                strerror(errno));
        return -1;
    }
    char *shown = shown_operand(operand);
    if (S_ISDIR(status.st_mode)) {
        char *path = alloc_text(operand);
        for (size_t length = strlen(path); length > 1 && path[length - 1] == '/';)
            path[--length] = '\0';
        result = add_folder(files, path, shown);
        free(path);
    } else {
        add_file(files, operand, shown);
    }
    free(shown);
    if (result == 0 && files->count == before) {
        fprintf(stderr, "understudy: %s: no scenario in it, expected files that end in .scn\n",
                operand);
        return -1;
    }
    return result;
}

void
paths_fini(struct found_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].path);
        free(files->items[i].name);
    }
    free(files->items);
    *files = (struct found_files){0};
}
