#include "graph/attachment.h"

#include <string.h>

#include "graph/sniff.h"

#define MEGABYTES ((size_t)1 << 20)
#define BYTES_MAX (25 * MEGABYTES)
#define IMAGE_BY_URL_BYTES_MAX (8 * MEGABYTES)
#define FETCH_SECONDS_MAX 75 /* documented of videos; inferred of the rest */
#define LIFE (90 * DAY)

bool
attachment_type_fits(struct str declared, struct str content_type)
{
    return str_eq_lit(declared, "file") ||
           (content_type.n > declared.n && str_starts(content_type, declared) && content_type.s[declared.n] == '/');
}

struct str
url_host(struct str url)
{
    const char *slashes = memmem(url.s, url.n, "//", 2);
    struct str host = { slashes + 2, 0 };

    while (host.s + host.n < url.s + url.n && strchr("/?#:", host.s[host.n]) == NULL)
        host.n++;
    return host;
}

/* ---- by URL ------------------------------------------------------------------------------------------------------------------- */

/* The number behind "; name=" of a content type, 0 when there is none. */
static uint64_t
parameter(struct str type, struct str name)
{
    const char *at = memmem(type.s, type.n, name.s, name.n);
    size_t n = 0;

    if (at == NULL)
        return 0;
    for (at += name.n; at + n < type.s + type.n && at[n] >= '0' && at[n] <= '9';)
        n++;
    return digits_read(at, n);
}

struct url_answer
url_answer(const struct world *world, struct str url)
{
    const char *word = world_url_answer(world, url);
    struct url_answer answer = { .how = URL_ANSWERS, .content_type = STR_NONE };

    if (word == NULL)
        return answer;
    if (strcmp(word, "too_large") == 0)
        answer.how = URL_TOO_LARGE;
    else if (strcmp(word, "timeout") == 0)
        answer.how = URL_TIMES_OUT;
    else if (strchr(word, '/') == NULL)
        answer.how = URL_FAILS;
    if (answer.how != URL_ANSWERS)
        return answer;
    answer.content_type = (struct str){ word, strcspn(word, "; ") };
    answer.bytes = parameter(str_of(word), STR("bytes="));
    answer.seconds = parameter(str_of(word), STR("seconds="));
    return answer;
}

/* A host is a name with a dot in it, or this machine's [inferred]. */
static bool
has_host(struct str url)
{
    struct str host = url_host(url);

    return memchr(host.s, '.', host.n) != NULL || *host.s == '[' || str_eq_nocase(host, STR("localhost"));
}

enum graph_err
check_attachment_url(struct call *c, struct str type, struct str url)
{
    const struct url_answer answer = url_answer(c->world, url);
    size_t bytes_max = str_eq_lit(type, "image") ? IMAGE_BY_URL_BYTES_MAX : BYTES_MAX;

    call_saw(c, RULE_FORM_URL);
    if (!has_host(url)) /* this error names the address itself, not its place [observed] */
        return call_fail_str(c, RULE_FORM_URL, ERR_BAD_URL, url);
    call_saw(c, RULE_FORM_ATT_FETCH);
    if (answer.how == URL_TIMES_OUT || answer.seconds > FETCH_SECONDS_MAX)
        return call_fail(c, RULE_FORM_ATT_FETCH, str_eq_lit(type, "video") ? ERR_VIDEO_UPLOAD : ERR_ATTACHMENT_FETCH, NULL);
    if (answer.how == URL_FAILS)
        return call_fail(c, RULE_FORM_ATT_FETCH, ERR_ATTACHMENT_FETCH, NULL);
    call_saw(c, RULE_FORM_ATT_SIZE);
    if (answer.how == URL_TOO_LARGE || answer.bytes > bytes_max)
        return call_fail(c, RULE_FORM_ATT_SIZE, ERR_ATTACHMENT_SIZE, NULL);
    call_saw(c, RULE_FORM_ATT_TYPE);
    if (answer.content_type.s == NULL || attachment_type_fits(type, answer.content_type))
        return ERR_NONE;
    return call_fail(c, RULE_FORM_ATT_TYPE, ERR_ATTACHMENT_UPLOAD, NULL);
}

/* ---- by multipart --------------------------------------------------------------------------------------------------------------- */

/* Boxes of mp4, webm and ogg hold sound or pictures: their first bytes do not tell which. */
static bool
bytes_fit(struct str type, struct str bytes)
{
    const struct magic *magic = sniff(bytes);

    if (bytes.n == 0) /* nothing is no picture, sound or film */
        return str_eq_lit(type, "file");
    if (magic == NULL || attachment_type_fits(type, str_of(magic->content_type)))
        return true;
    return magic->is_box && (str_eq_lit(type, "audio") || str_eq_lit(type, "video"));
}

static enum graph_err
check_file(struct call *c, struct str type, const struct file_part *file)
{
    call_saw(c, RULE_FORM_ATT_SIZE);
    if (file->data.n > BYTES_MAX)
        return call_fail(c, RULE_FORM_ATT_SIZE, ERR_ATTACHMENT_SIZE, NULL);
    call_saw(c, RULE_FORM_ATT_TYPE);
    if (file->content_type.n == 0 || !attachment_type_fits(type, file->content_type) || !bytes_fit(type, file->data))
        return call_fail(c, RULE_FORM_ATT_TYPE, ERR_ATTACHMENT_UPLOAD, NULL);
    return ERR_NONE;
}

/* ---- by id ------------------------------------------------------------------------------------------------------------------------ */

enum graph_err
check_attachment_id(struct call *c, struct str id, const struct node **saved)
{
    const struct node *node = world_find_node(c->world, NODE_ATTACHMENT, id);

    call_saw(c, RULE_FORM_ATT_ID);
    if (node == NULL || node->page != c->page_index || c->now >= node->until)
        return call_fail(c, RULE_FORM_ATT_ID, ERR_ATTACHMENT_ID, NULL);
    if (saved != NULL)
        *saved = node;
    return ERR_NONE;
}

/* A saved asset goes out as what it was saved as, or as a file [inferred from the same rule for fresh ones]. */
static enum graph_err
check_saved(struct call *c, struct str type, struct str id)
{
    const struct node *saved = NULL;
    enum graph_err error = check_attachment_id(c, id, &saved);

    if (error != ERR_NONE)
        return error;
    call_saw(c, RULE_FORM_ATT_TYPE);
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): without an error it has been found. */
    if (str_eq_lit(type, "file") || saved->text == NULL || str_eq(type, str_of(saved->text)))
        return ERR_NONE;
    return call_fail(c, RULE_FORM_ATT_TYPE, ERR_ATTACHMENT_UPLOAD, NULL);
}

enum graph_err
check_attachment(struct call *c, const struct jnode *attachment, const struct file_part *file, bool is_saved, struct node **made)
{
    const struct jnode *payload = json_get(attachment, "payload");
    struct str type = json_text(json_get(attachment, "type"));
    struct str url = json_text(json_get(payload, "url"));
    struct str id = json_text(json_get(payload, "attachment_id"));
    enum graph_err error;
    bool is_reusable = is_saved;

    call_saw(c, RULE_FORM_FILES);
    if (id.s != NULL)
        return check_saved(c, type, id);
    if (url.s == NULL && file == NULL)
        return call_fail(c, RULE_FORM_FILES, ERR_FILE_COUNT, NULL);
    error = url.s != NULL ? check_attachment_url(c, type, url) : check_file(c, type, file);
    if (error != ERR_NONE)
        return error;
    json_bool(json_get(payload, "is_reusable"), &is_reusable);
    if (made != NULL && (is_reusable || is_saved)) {
        *made = world_add_node(c->world, NODE_ATTACHMENT, NULL, c->page_index);
        (*made)->until = c->now + LIFE;
        node_set_text(*made, type);
    }
    return ERR_NONE;
}
