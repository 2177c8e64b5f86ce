#include "graph/misuse.h"

#include <string.h>

#include "graph/words.h"

#define PHRASES_MAX 24

static const struct word_row {
    enum content_kind kind;
    const char *language; /* NULL: a link */
    const char *phrases[PHRASES_MAX];
} rows[] = {
#define WORDS(kind, language, ...) { KIND_##kind, language, { __VA_ARGS__ } },
#define LINK(kind, part) { KIND_##kind, NULL, { part } },
#define FORBIDS(tag, kinds)
#include "graph/misuse.def"
#undef WORDS
#undef LINK
#undef FORBIDS
};

static const unsigned char forbidden[TAG_COUNT] = {
#define WORDS(kind, ...)
#define LINK(kind, part)
#define FORBIDS(tag, kinds) [TAG_##tag] = kinds,
#include "graph/misuse.def"
#undef WORDS
#undef LINK
#undef FORBIDS
};

unsigned
content_forbidden(enum tag tag)
{
    return forbidden[tag];
}

const char *
content_kind_text(enum content_kind kind)
{
    switch (kind) {
    case KIND_PROMOTION:
        return "promotion";
    case KIND_COUPON:
        return "a coupon";
    case KIND_SHOP:
        return "a link to a shop";
    case KIND_SURVEY:
        return "a survey";
    case KIND_RECURRING:
    default:
        return "something recurring";
    }
}

/* Whether the path or query of an address in the text has the part; its host does not count. */
static bool
link_has(struct str text, const char *part)
{
    const char *scheme;

    while (text.n > 0 && (scheme = memmem(text.s, text.n, "://", 3)) != NULL) {
        text = str_from(text, (size_t)(scheme - text.s) + 3);
        size_t n = 0, host = 0;
        while (n < text.n && (unsigned char)text.s[n] > ' ' && text.s[n] != '"')
            n++;
        while (host < n && text.s[host] != '/' && text.s[host] != '?')
            host++;
        if (n > host && memmem(text.s + host, n - host, part, strlen(part)) != NULL)
            return true;
        text = str_from(text, n);
    }
    return false;
}

static bool
find_phrase(const struct word_row *row, struct str folded, struct content_hit *hit)
{
    for (size_t i = 0; i < PHRASES_MAX && row->phrases[i] != NULL; i++) {
        const char *phrase = row->phrases[i];

        if (row->language != NULL ? !words_have(folded, phrase) : !link_has(folded, phrase))
            continue;
        *hit = (struct content_hit){ row->kind, phrase, row->language };
        return true;
    }
    return false;
}

bool
content_find_text(struct str text, unsigned kinds, struct arena *arena, struct content_hit *hit)
{
    if (text.n == 0)
        return false;
    struct str folded = words_fold(text, arena);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].kind & kinds && find_phrase(&rows[i], folded, hit))
            return true;
    return false;
}

/* What a person reads or opens; payloads and metadata are between the page and itself, pictures are not opened, and a receipt's order is what was bought. */
static bool
is_seen(struct str key)
{
    static const char *const keys[] = { "text", "title", "subtitle", "url", "fallback_url", "coupon_code", "coupon_url", "coupon_pre_message" };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (str_eq(key, str_of(keys[i])))
            return true;
    return false;
}

bool
content_find(const struct jnode *node, unsigned kinds, struct arena *arena, struct content_hit *hit)
{
    if (node == NULL)
        return false;
    if (node->type == J_STRING) {
        if (str_eq_lit(node->key, "template_type") && str_eq_lit(node->text, "coupon") && kinds & KIND_COUPON) {
            *hit = (struct content_hit){ KIND_COUPON, "coupon template", NULL };
            return true;
        }
        return is_seen(node->key) && content_find_text(node->text, kinds, arena, hit);
    }
    for (const struct jnode *child = node->first; child != NULL; child = child->next)
        if (content_find(child, kinds, arena, hit))
            return true;
    return false;
}
