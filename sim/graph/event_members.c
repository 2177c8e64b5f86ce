#include "graph/event_members.h"

#include <string.h>

/* The place behind the string that begins at `at`. */
static size_t
skip_string(struct str text, size_t at)
{
    for (at++; at < text.n && text.s[at] != '"'; at++)
        if (text.s[at] == '\\')
            at++;
    return at + 1;
}

struct str
members_take(struct str *members)
{
    size_t at = 0, depth = 0;

    while (at < members->n && (depth > 0 || members->s[at] != ',')) {
        char c = members->s[at];

        if (c == '"') {
            at = skip_string(*members, at);
            continue;
        }
        if (c == '{' || c == '[')
            depth++;
        if (c == '}' || c == ']')
            depth--;
        at++;
    }
    if (at > members->n)
        at = members->n;
    struct str first = {members->s, at};
    *members = str_from(*members, at + (at < members->n));
    return first;
}

bool
member_is(struct str member, const char *key)
{
    size_t n = strlen(key);

    return member.n > n + 2 && memcmp(member.s + 1, key, n) == 0 && member.s[n + 1] == '"';
}

void
members_put(struct buf *out, struct str members, const char *const *keys, bool is_listed)
{
    while (members.n > 0) {
        struct str member = members_take(&members);
        size_t i = 0;

        while (keys[i] != NULL && !member_is(member, keys[i]))
            i++;
        if ((keys[i] != NULL) == is_listed) {
            jw_item(out);
            buf_str(out, member);
        }
    }
}
