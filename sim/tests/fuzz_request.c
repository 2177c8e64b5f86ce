/*
 * Random bytes as a request: target, content type, authorization and body, one behind the other
 * with a newline between. All parameters must write as JSON that reads back, whatever they came
 * from.
 */
#include <stdlib.h>

#include "core/datetime.h"
#include "graph/jwrite.h"
#include "graph/request.h"
#include "tests/params_object.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
must(bool fact)
{
    if (!fact)
        abort();
}

static struct str
cut_line(struct str *rest)
{
    const char *newline = rest->n == 0 ? NULL : memchr(rest->s, '\n', rest->n);
    struct str line = {rest->s, newline == NULL ? rest->n : (size_t)(newline - rest->s)};

    *rest = str_from(*rest, newline == NULL ? rest->n : line.n + 1);
    return line;
}

static void
read_dates(struct str text)
{
    ms_t value = 0;
    char out[DURATION_SIZE];

    if (datetime_read(text, &value))
        must(datetime_iso(out, value) == 24);
    if (duration_read(text, &value)) {
        ms_t again = 0;
        size_t n = duration_write(out, value);

        must(duration_read((struct str){out, n}, &again) && again == value);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct parameters params;
    struct str rest = {(const char *)bytes, size};
    struct request request = {.method = METHOD_POST};
    struct arena arena;
    struct buf buf = {0};

    arena_init(&arena);
    request_target(&request, cut_line(&rest));
    read_dates(request.path);
    request.content_type = cut_line(&rest);
    request.authorization = cut_line(&rest);
    request.body = rest;
    params_read(&params, &request, &arena);
    must(params.n <= PARAMS_MAX && params.nfiles <= FILES_MAX);
    jw_node(&buf, params_object(&params, &arena), JW_GRAPH);

    /* trees of forms may be one deeper than what is read, by the object around them */
    const struct jnode *back = json_read(&arena, buf_view(&buf), 0, NULL);

    must(back == NULL || back->count == params.n);
    params_token(&params, &request);
    params_method(&params, &request);
    buf_fini(&buf);
    arena_fini(&arena);
    return 0;
}
