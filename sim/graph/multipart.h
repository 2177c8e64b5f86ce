/*
 * Takes a multipart/form-data body apart (RFC 7578), without copying. It yields parts; what a part
 * means is request.c's.
 */
#ifndef UNDERSTUDY_GRAPH_MULTIPART_H
#define UNDERSTUDY_GRAPH_MULTIPART_H

#include <stddef.h>

#include "core/str.h"

struct part {
    struct str name;         /* STR_NONE when the part has none */
    struct str filename;     /* STR_NONE when absent; may be empty */
    struct str content_type; /* whole header value, or STR_NONE */
    struct str data;
};

struct multipart {
    struct str body;
    struct str boundary; /* without the leading "--" */
    size_t at;
    const char *problem; /* NULL, or why the walk ended early (a constant) */
};

/*
 * The boundary of a Content-Type value, quoted or not; STR_NONE when there is none. Any characters
 * are taken.
 */
struct str multipart_boundary(struct str content_type);

void multipart_begin(struct multipart *, struct str body, struct str boundary);

/*
 * 1: *part is filled (slices of the body); 0: the closing boundary was met; -1: problem says why.
 * As with a PHP server, a text that no boundary ends goes to the end of the body (there is a client
 * that never closes its last part); a file that no boundary ends has been cut off.
 */
int multipart_next(struct multipart *, struct part *);

#endif
