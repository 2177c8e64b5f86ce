#include "edge/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pthread.h>

#include "world/xalloc.h"

enum { BUFFER = 256 * 1024 };

struct journal_file {
    pthread_mutex_t lock;
    char *path; /* owned */
    int out;
    int error; /* errno of the first write that failed; 0: none */
    size_t n;
    char buffer[BUFFER];
};

static void
write_out(struct journal_file *file, const char *bytes, size_t n)
{
    while (n > 0 && file->error == 0) {
        ssize_t written = write(file->out, bytes, n);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            file->error = errno;
            fprintf(stderr, "understudy: cannot write the journal %s: %s\n", file->path,
                    strerror(errno));
            return;
        }
        bytes += written;
        n -= (size_t)written;
    }
}

static void
flush(struct journal_file *file)
{
    write_out(file, file->buffer, file->n);
    file->n = 0;
}

static void
append(struct journal_file *file, const char *bytes, size_t n)
{
    if (n > BUFFER - file->n)
        flush(file);
    if (n > BUFFER) {
        write_out(file, bytes, n);
        return;
    }
    memcpy(file->buffer + file->n, bytes, n);
    file->n += n;
}

struct journal_file *
journal_file_new(const char *path, uint64_t seed, char *problem, size_t size)
{
    char header[160];
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (out < 0) {
        snprintf(problem, size,
                 "cannot write the journal %s: %s; give a file in a folder that can be written",
                 path, strerror(errno));
        return NULL;
    }
    struct journal_file *file = xmalloc(sizeof *file);
    pthread_mutex_init(&file->lock, NULL);
    file->path = xstrdup(path);
    file->out = out;
    file->error = 0;
    file->n = 0;
    int n = snprintf(header, sizeof header,
                     "{\"understudy\":\"journal\",\"schema\":1,\"version\":\"%s\",\"seed\":%" PRIu64
                     "}\n",
                     UNDERSTUDY_VERSION, seed);
    append(file, header, (size_t)n);
    return file;
}

int
journal_file_free(struct journal_file **file)
{
    struct journal_file *f = *file;

    if (f == NULL)
        return 0;
    flush(f);
    if (close(f->out) != 0 && f->error == 0) {
        f->error = errno;
        fprintf(stderr, "understudy: cannot write the journal %s: %s\n", f->path, strerror(errno));
    }
    int result = f->error == 0 ? 0 : -1;
    pthread_mutex_destroy(&f->lock);
    free(f->path);
    free(f);
    *file = NULL;
    return result;
}

void
journal_file_add(void *sink, const char *line, size_t n)
{
    struct journal_file *file = sink;

    pthread_mutex_lock(&file->lock);
    append(file, line, n);
    append(file, "\n", 1);
    pthread_mutex_unlock(&file->lock);
}

void
journal_file_flush(struct journal_file *file)
{
    if (file == NULL)
        return;
    pthread_mutex_lock(&file->lock);
    flush(file);
    pthread_mutex_unlock(&file->lock);
}
