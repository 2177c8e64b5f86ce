/* record_har.h - a HAR 1.2 file that grows entry by entry, without secrets: tokens, proofs and signatures are masked before anything reaches the disk. Safe for several threads. */
#ifndef UNDERSTUDY_CONFORMANCE_RECORD_HAR_H
#define UNDERSTUDY_CONFORMANCE_RECORD_HAR_H

#include <stddef.h>
#include <stdint.h>

struct har_file;

/* One request and its answer. Texts are borrowed; bodies that are not UTF-8 are kept as their length only. */
struct har_entry {
    const char *method, *url;
    const char *request_type; /* content type, NULL: none */
    const char *request, *response;
    size_t request_n, response_n;
    const char *response_type;
    int status;
    int64_t started_ms; /* since 1970 */
    int64_t took_ms;
};

/* Opens `path` for writing under another name, which har_close renames; NULL with the reason in why. */
struct har_file *har_open(const char *path, char *why, size_t size);
void har_add(struct har_file *har, const struct har_entry *entry);
/* Writes the end and gives the file its name. 0, or -1 with the reason in why. */
int har_close(struct har_file *har, char *why, size_t size);

#endif
