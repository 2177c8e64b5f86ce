#include "conformance/asleep.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "conformance/alloc.h"

enum { TEXT_SIZE = 1024, PATH_SIZE = 96 };

/* ---- what /proc says ---- */

/* A small file as text; false when there is none. */
static bool
read_text(const char *path, char text[static TEXT_SIZE])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, text, TEXT_SIZE - 1);

    if (file >= 0)
        close(file);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/* "123 (a name) S 122 123 ...": the name may hold anything, so the last parenthesis counts. NULL when it is cut off. */
static const char *
behind_name(const char *stat)
{
    const char *end = strrchr(stat, ')');

    return end != NULL && end[1] == ' ' && end[2] != '\0' ? end + 2 : NULL;
}

/* Stopped, traced and dead threads do as little as sleeping ones. */
static bool
is_sleeping(const char *stat)
{
    const char *state = behind_name(stat);

    return state != NULL && strchr("STtZXI", *state) != NULL;
}

/* The process that was made last on this machine: the fifth word of /proc/loadavg. -1 when it does not say. */
static long
newest_process(void)
{
    char text[TEXT_SIZE];

    if (!read_text("/proc/loadavg", text))
        return -1;
    const char *space = strrchr(text, ' ');
    return space == NULL ? -1 : strtol(space, NULL, 10);
}

/* ---- who belongs to them ---- */

static bool
is_member(const struct sleepers *sleepers, long pid)
{
    for (size_t i = 0; i < sleepers->member_count; i++)
        if (sleepers->members[i] == pid)
            return true;
    return false;
}

static void
add_member(struct sleepers *sleepers, pid_t pid)
{
    if (is_member(sleepers, pid))
        return;
    sleepers->members =
        alloc_one_more(sleepers->members, sleepers->member_count, sizeof *sleepers->members);
    sleepers->members[sleepers->member_count++] = pid;
}

static void
add_if_related(struct sleepers *sleepers, const char *name)
{
    char path[PATH_SIZE], text[TEXT_SIZE], *end;

    snprintf(path, sizeof path, "/proc/%.20s/stat", name);
    const char *rest = read_text(path, text) ? behind_name(text) : NULL;
    if (rest == NULL)
        return;
    long parent = strtol(rest + 1, &end, 10), group = strtol(end, NULL, 10);
    for (size_t i = 0; i < sleepers->root_count; i++)
        if (group == sleepers->roots[i] || is_member(sleepers, parent))
            add_member(sleepers, (pid_t)strtol(name, NULL, 10));
}

/* Younger processes stand behind older ones in /proc, children behind their parents. */
static bool
find_members(struct sleepers *sleepers)
{
    long newest = newest_process();
    DIR *processes = opendir("/proc");

    if (processes == NULL || newest < 0) {
        if (processes != NULL)
            closedir(processes);
        return false;
    }
    sleepers->member_count = 0;
    for (size_t i = 0; i < sleepers->root_count; i++)
        add_member(sleepers, sleepers->roots[i]);
    for (struct dirent *entry; (entry = readdir(processes)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]))
            add_if_related(sleepers, entry->d_name);
    closedir(processes);
    sleepers->newest = newest;
    return true;
}

/* ---- whether they sleep ---- */

/* One walk over all threads. */
struct snapshot {
    bool is_readable; /* false: a file that has to be there is not */
    bool all_sleep;
    uint64_t runs; /* how often they have been on a processor, all together */
};

static void
look_at_thread(struct snapshot *snapshot, const char *folder, const char *thread)
{
    char path[PATH_SIZE], text[TEXT_SIZE], *end;

    snprintf(path, sizeof path, "%s/%.20s/stat", folder, thread);
    if (!read_text(path, text)) /* it has ended meanwhile */
        return;
    snapshot->all_sleep = snapshot->all_sleep && is_sleeping(text);
    snprintf(path, sizeof path, "%s/%.20s/schedstat", folder, thread);
    if (!read_text(path, text)) {
        snapshot->is_readable = false;
        return;
    }
    strtoull(text, &end, 10); /* time on a processor, time in the queue, how often */
    strtoull(end, &end, 10);
    snapshot->runs += strtoull(end, NULL, 10);
}

static struct snapshot
take_snapshot(const struct sleepers *sleepers)
{
    struct snapshot snapshot = {.is_readable = true, .all_sleep = true};
    char folder[PATH_SIZE / 2];

    for (size_t i = 0; i < sleepers->member_count && snapshot.all_sleep; i++) {
        snprintf(folder, sizeof folder, "/proc/%ld/task", (long)sleepers->members[i]);
        DIR *threads = opendir(folder);
        if (threads == NULL)
            continue;
        for (struct dirent *entry; snapshot.all_sleep && (entry = readdir(threads)) != NULL;)
            if (entry->d_name[0] != '.')
                look_at_thread(&snapshot, folder, entry->d_name);
        closedir(threads);
    }
    return snapshot;
}

enum asleep
asleep_look(struct sleepers *sleepers)
{
    if (sleepers->root_count == 0 ||
        ((sleepers->newest == 0 || sleepers->newest != newest_process()) &&
         !find_members(sleepers)))
        return ASLEEP_UNKNOWN;
    struct snapshot first = take_snapshot(sleepers);
    if (!first.is_readable)
        return ASLEEP_UNKNOWN;
    if (!first.all_sleep)
        return ASLEEP_NO;
    struct snapshot second = take_snapshot(sleepers);
    if (!second.is_readable)
        return ASLEEP_UNKNOWN;
    bool is_undisturbed =
        second.all_sleep && second.runs == first.runs && newest_process() == sleepers->newest;
    return is_undisturbed ? ASLEEP_YES : ASLEEP_NO;
}

void
asleep_fini(struct sleepers *sleepers)
{
    free(sleepers->members);
    *sleepers = (struct sleepers){0};
}

/* ---- who listens ---- */

/* "0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 ...": the last number when the port (in
 * hexadecimal digits, as all there) is this one and the state is LISTEN; 0: it is another. */
static unsigned long
socket_in(char *line, unsigned short port)
{
    enum { LOCAL = 1, STATE = 3, INODE = 9 };
    char *words[INODE + 1] = {0}, *rest = NULL;
    size_t count = 0;

    for (char *word = strtok_r(line, " \n", &rest); word != NULL && count <= INODE;
         word = strtok_r(NULL, " \n", &rest))
        words[count++] = word;
    const char *colon = count <= INODE ? NULL : strrchr(words[LOCAL], ':');
    if (colon == NULL || strtoul(colon + 1, NULL, 16) != port || strcmp(words[STATE], "0A") != 0)
        return 0;
    return strtoul(words[INODE], NULL, 10);
}

/* The inode of the socket that listens on a port, out of /proc/net/tcp or tcp6; 0: none. */
static unsigned long
listening_socket(const char *table, unsigned short port)
{
    FILE *file = fopen(table, "re");
    char line[512];
    unsigned long found = 0;

    while (found == 0 && file != NULL && fgets(line, sizeof line, file) != NULL)
        found = socket_in(line, port);
    if (file != NULL)
        fclose(file);
    return found;
}

static bool
holds_socket(const char *process, unsigned long inode)
{
    char folder[PATH_SIZE], path[PATH_SIZE * 2], target[64], wanted[64];
    bool is_held = false;

    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    snprintf(folder, sizeof folder, "/proc/%.20s/fd", process);
    DIR *files = opendir(folder);
    if (files == NULL)
        return false;
    for (struct dirent *entry; !is_held && (entry = readdir(files)) != NULL;) {
        snprintf(path, sizeof path, "%s/%.20s", folder, entry->d_name);
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        is_held = strcmp(target, wanted) == 0;
    }
    closedir(files);
    return is_held;
}

pid_t
asleep_listener(unsigned short port)
{
    unsigned long inode = listening_socket("/proc/net/tcp", port);
    DIR *processes = opendir("/proc");
    long pid = 0;

    if (inode == 0)
        inode = listening_socket("/proc/net/tcp6", port);
    for (struct dirent *entry;
         inode != 0 && pid == 0 && processes != NULL && (entry = readdir(processes)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]) && holds_socket(entry->d_name, inode))
            pid = strtol(entry->d_name, NULL, 10);
    if (processes != NULL)
        closedir(processes);
    return (pid_t)pid;
}
