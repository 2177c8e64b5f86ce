#include "graph/request.h"

#include <string.h>

#include "graph/form.h"
#include "graph/multipart.h"

/*
 * How values are read that came as text and look like JSON: the reference samples use single
 * quotes, and none around names.
 */
#define TEXT_VALUE_FLAGS (JSON_LENIENT | JSON_LAST_WINS | JSON_NO_NUL)

/* --- Words ------------------------------------------------------------------------------------ */

static const struct method_row {
    struct str upper;
    const char *word;
} methods[] = {
    [METHOD_GET] = {{"GET", 3}, "get"},          [METHOD_POST] = {{"POST", 4}, "post"},
    [METHOD_DELETE] = {{"DELETE", 6}, "delete"}, [METHOD_PUT] = {{"PUT", 3}, "put"},
    [METHOD_HEAD] = {{"HEAD", 4}, "head"},       [METHOD_OPTIONS] = {{"OPTIONS", 7}, "options"},
    [METHOD_OTHER] = {{"", 0}, "unknown"},
};

enum method
method_of(struct str word)
{
    unsigned method = METHOD_GET;

    while (method < METHOD_OTHER && !str_eq_nocase(methods[method].upper, word))
        method++;
    return (enum method)method;
}

const char *
method_word(enum method method)
{
    return methods[method].word;
}

const char *
encoding_name(enum encoding encoding)
{
    static const char *const names[] = {"none", "json", "form", "multipart", "query"};

    return names[encoding];
}

void
request_target(struct request *request, struct str target)
{
    const char *end = target.s + target.n;
    const char *scheme =
        target.n == 0 || target.s[0] == '/' ? NULL : memmem(target.s, target.n, "://", 3);
    const char *at = target.s;

    if (scheme != NULL) {
        at = scheme + 3;
        while (at < end && *at != '/' && *at != '?')
            at++;
    }

    const char *question = at == end ? NULL : memchr(at, '?', (size_t)(end - at));
    const char *path_end = question == NULL ? end : question;

    request->path = path_end == at ? STR("/") : (struct str){at, (size_t)(path_end - at)};
    request->query =
        question == NULL ? STR_NONE : (struct str){question + 1, (size_t)(end - question - 1)};
}

/* --- Merging ---------------------------------------------------------------------------------- */

static void
set_problem(struct parameters *params, const char *problem, size_t offset)
{
    if (params->problem != NULL)
        return;
    params->problem = problem;
    params->problem_offset = offset;
}

static struct param *
find_param(struct parameters *params, struct str key)
{
    for (unsigned i = 0; i < params->n; i++) {
        if (str_eq(params->at[i].key, key))
            return &params->at[i];
    }
    return NULL;
}

/* A text that looks like JSON and is, as the tree it stands for; else the node itself. */
static const struct jnode *
value_of(const struct jnode *node, struct arena *arena)
{
    struct str text = node->type == J_STRING ? str_trim(node->text) : STR_NONE;
    const struct jnode *tree = NULL;

    if (text.n > 0 && (text.s[0] == '{' || text.s[0] == '['))
        tree = json_read(arena, text, TEXT_VALUE_FLAGS, NULL);
    return tree == NULL ? node : tree;
}

void
params_merge(struct parameters *params, const struct jnode *object, struct arena *arena)
{
    for (const struct jnode *child = object->first; child != NULL; child = child->next) {
        struct param *param = find_param(params, child->key);

        if (param == NULL) {
            if (params->n == PARAMS_MAX) {
                set_problem(params, "more parameters than are read", 0);
                return;
            }
            param = &params->at[params->n++];
            param->key = child->key;
        }
        param->value = value_of(child, arena);
    }
}

/* --- Bodies ----------------------------------------------------------------------------------- */

static void
read_json(struct parameters *params, struct str body, struct arena *arena)
{
    struct json_error error;
    const struct jnode *root = json_read(arena, body, JSON_LAST_WINS | JSON_NO_NUL, &error);

    params->encoding = ENC_JSON;
    params->json_text = body;
    if (root == NULL)
        set_problem(params, error.reason, error.offset);
    else if (root->type != J_OBJECT)
        set_problem(params, "the JSON body is no object", 0);
    else
        params_merge(params, root, arena);
    params->is_odd = error.reason != NULL;
}

static void
read_form(struct parameters *params, struct str text, struct arena *arena)
{
    struct jnode *root = json_node_new(arena, J_OBJECT);
    const char *problem = form_read(root, text, arena);

    if (problem != NULL)
        set_problem(params, problem, 0);
    params_merge(params, root, arena);
}

static bool
is_text_type(struct str content_type)
{
    return content_type.s == NULL || str_starts_lit(content_type, "text/") ||
           memmem(content_type.s, content_type.n, "json", 4) != NULL;
}

/* A media type without its parameters. */
static struct str
bare_type(struct str content_type)
{
    const char *semicolon =
        content_type.n == 0 ? NULL : memchr(content_type.s, ';', content_type.n);

    if (semicolon == NULL)
        return content_type;
    return str_trim((struct str){content_type.s, (size_t)(semicolon - content_type.s)});
}

static void
add_file(struct parameters *params, const struct part *part)
{
    if (part->filename.n == 0 && part->data.n == 0)
        return; /* a form with nothing chosen */
    if (params->nfiles == FILES_MAX) {
        set_problem(params, "more files than are read", 0);
        return;
    }
    params->files[params->nfiles++] =
        (struct file_part){part->name, part->filename, bare_type(part->content_type), part->data};
}

static void
read_multipart(struct parameters *params, const struct request *request, struct arena *arena)
{
    struct multipart multipart;
    struct jnode *root = json_node_new(arena, J_OBJECT);
    struct form form = {root, 0};
    struct part part;
    int more;

    params->encoding = ENC_MULTIPART;
    multipart_begin(&multipart, request->body, multipart_boundary(request->content_type));
    while ((more = multipart_next(&multipart, &part)) == 1) {
        if (part.filename.s != NULL || !is_text_type(part.content_type)) {
            add_file(params, &part);
            continue;
        }

        const char *problem =
            part.name.n == 0 ? NULL : form_add(&form, part.name, part.data, arena);

        if (problem != NULL)
            set_problem(params, problem, (size_t)(part.data.s - request->body.s));
    }
    if (more < 0)
        set_problem(params, multipart.problem, multipart.at);
    form_finish(&form);
    params_merge(params, root, arena);
}

static bool
type_has(struct str content_type, const char *word)
{
    return content_type.n > 0 && memmem(content_type.s, content_type.n, word, strlen(word)) != NULL;
}

static void
read_body(struct parameters *params, const struct request *request, struct arena *arena)
{
    char lower[64];
    struct str type = bare_type(request->content_type);

    type.n = type.n < sizeof lower ? type.n : sizeof lower;
    for (size_t i = 0; i < type.n; i++) {
        lower[i] = type.s[i];
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] + ('a' - 'A'));
    }
    type.s = lower;

    bool braced = str_starts_lit(str_trim(request->body), "{");

    if (type_has(type, "json") || (type.n == 0 && braced)) {
        read_json(params, request->body, arena);
    } else if (str_starts_lit(type, "multipart/")) {
        read_multipart(params, request, arena);
    } else if (type.n == 0 || str_eq_lit(type, "application/x-www-form-urlencoded")) {
        params->encoding = ENC_FORM;
        read_form(params, request->body, arena);
    } else {
        params->body_ignored = true;
    }
}

static void
params_clear(struct parameters *params)
{
    params->n = 0;
    params->nfiles = 0;
    params->encoding = ENC_NONE;
    params->problem = NULL;
    params->problem_offset = 0;
    params->json_text = STR_NONE;
    params->body_ignored = false;
    params->is_odd = false;
}

void
params_read(struct parameters *params, const struct request *request, struct arena *arena)
{
    params_clear(params);
    if (request->query.n > 0) {
        params->encoding = ENC_QUERY;
        read_form(params, request->query, arena);
    }
    if (str_trim(request->body).n > 0)
        read_body(params, request, arena);
}

void
params_read_item(struct parameters *params, struct str query, struct str body, struct arena *arena)
{
    struct request item = {.query = query, .body = body};

    params_read(params, &item, arena);
}

/* --- Looking at them -------------------------------------------------------------------------- */

const struct jnode *
params_find(const struct parameters *params, struct str name)
{
    for (const struct param *each = params->at, *end = each + params->n; each < end; each++) {
        if (each->key.n == name.n && str_eq(each->key, name))
            return each->value->type == J_NULL ? NULL : each->value;
    }
    return NULL;
}

struct str
params_token(const struct parameters *params, const struct request *request)
{
    struct str token = params_text(params, "access_token");
    struct str header = str_trim(request->authorization);
    const char *space = header.n == 0 ? NULL : memchr(header.s, ' ', header.n);

    if (token.s != NULL || space == NULL)
        return token;

    struct str scheme = {header.s, (size_t)(space - header.s)};

    if (!str_eq_nocase(scheme, STR("bearer")) && !str_eq_nocase(scheme, STR("oauth")))
        return STR_NONE;
    return str_trim(str_from(header, scheme.n));
}

enum method
params_method(const struct parameters *params, const struct request *request)
{
    struct str word = params_text(params, "method");
    enum method method =
        request->method == METHOD_POST && word.n > 0 ? method_of(word) : METHOD_OTHER;

    return method == METHOD_OTHER ? request->method : method;
}
