#include "graph/form.h"

#include <string.h>

#include "core/utf8.h"
#include "graph/request.h"

/* --- Decoding --------------------------------------------------------------------------------- */

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that %XX at text[at] stands for, or -1. */
static int
escaped_byte(struct str text, size_t at)
{
    int high = text.n - at >= 3 ? hex_digit(text.s[at + 1]) : -1;
    int low = high >= 0 ? hex_digit(text.s[at + 2]) : -1;

    return low < 0 ? -1 : high << 4 | low;
}

struct str
percent_decode(struct str text, bool is_form, struct arena *arena)
{
    bool plain = text.n == 0 || (memchr(text.s, '%', text.n) == NULL &&
                                 (!is_form || memchr(text.s, '+', text.n) == NULL));

    if (plain)
        return text;

    char *decoded = arena_alloc(arena, text.n);
    size_t n = 0;

    for (size_t at = 0; at < text.n; at++) {
        int byte = text.s[at] == '%' ? escaped_byte(text, at) : -1;
        char c = text.s[at];

        if (byte >= 0) {
            c = (char)byte;
            at += 2;
        } else if (is_form && c == '+') {
            c = ' ';
        }
        decoded[n++] = c;
    }
    return (struct str){decoded, n};
}

/* --- Names with brackets ---------------------------------------------------------------------- */

/* Cuts `[key]` off *rest. False when that is not what it begins with. */
static bool
cut_bracket(struct str *rest, struct str *key)
{
    const char *close = rest->n > 0 && rest->s[0] == '[' ? memchr(rest->s, ']', rest->n) : NULL;

    if (close == NULL)
        return false;
    *key = (struct str){rest->s + 1, (size_t)(close - rest->s - 1)};
    *rest = str_from(*rest, key->n + 2);
    return true;
}

/*
 * Cuts the part in front of the first bracket off the name; a name whose first bracket never closes
 * has none.
 */
static struct str
cut_base(struct str *name)
{
    const char *open = memchr(name->s, '[', name->n);
    size_t n = open == NULL || open == name->s ? name->n : (size_t)(open - name->s);
    struct str base = {name->s, n}, rest = str_from(*name, n), key;

    if (rest.n > 0 && !cut_bracket(&rest, &key)) {
        base = *name;
        n = name->n;
    }
    *name = str_from(*name, n);
    return base;
}

static struct str
number_key(uint32_t number, struct arena *arena)
{
    char digits[10];
    size_t n = sizeof digits;

    do {
        digits[--n] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return (struct str){arena_strndup(arena, digits + n, sizeof digits - n), sizeof digits - n};
}

/* The child of that name, made when there is none. An empty name, not NONE, appends. */
static struct jnode *
child_of(struct jnode *parent, struct str key, struct arena *arena)
{
    struct jnode **last = &parent->first;

    if (key.n == 0)
        key = number_key(parent->count, arena);
    while (*last != NULL) {
        if (str_eq((*last)->key, key))
            return *last;
        last = &(*last)->next;
    }

    struct jnode *child = json_node_new(arena, J_OBJECT);

    child->key = key;
    *last = child;
    parent->count++;
    return child;
}

static void
become(struct jnode *node, enum jtype type, struct str text)
{
    node->type = type;
    node->text = text;
    node->first = NULL;
    node->count = 0;
}

const char *
form_add(struct form *form, struct str name, struct str value, struct arena *arena)
{
    struct jnode *node = form->root;
    struct str rest = name, key;

    if (name.n == 0)
        return NULL; /* `=x` and `&&` say nothing */
    if (++form->fields > FORM_FIELDS_MAX)
        return "more fields than are read";
    if (!utf8_valid(name) || !utf8_valid(value))
        return "not UTF-8";
    if ((name.n > 0 && memchr(name.s, '\0', name.n) != NULL) ||
        (value.n > 0 && memchr(value.s, '\0', value.n) != NULL))
        return "a NUL in a text";
    node = child_of(node, cut_base(&rest), arena);
    for (unsigned depth = 1; cut_bracket(&rest, &key); depth++) {
        if (depth == JSON_DEPTH_MAX)
            return "nested too deeply";
        if (node->type != J_OBJECT)
            become(node, J_OBJECT, STR_NONE);
        node = child_of(node, key, arena);
    }
    become(node, J_STRING, value);
    return NULL;
}

/* --- Whole forms ------------------------------------------------------------------------------ */

/* Whether the key is that number as written without leading zeros. */
static bool
is_index(struct str key, uint32_t index)
{
    uint32_t number = 0;

    if (key.n == 0 || key.n > 5 || (key.n > 1 && key.s[0] == '0'))
        return false;
    for (size_t i = 0; i < key.n; i++) {
        if (key.s[i] < '0' || key.s[i] > '9')
            return false;
        number = number * 10 + (uint32_t)(key.s[i] - '0');
    }
    return number == index;
}

/* NOLINTBEGIN(misc-no-recursion): form_add bounds the depth. */
static void
finish_children(struct jnode *node)
{
    for (struct jnode *child = node->first; child != NULL; child = child->next) {
        uint32_t index = 0;

        if (child->type != J_OBJECT)
            continue;
        finish_children(child);
        for (const struct jnode *item = child->first; item != NULL && is_index(item->key, index);
             item = item->next)
            index++;
        if (index == child->count)
            child->type = J_ARRAY;
        for (struct jnode *item = child->first; child->type == J_ARRAY && item != NULL;
             item = item->next)
            item->key = STR_NONE;
    }
}

/* NOLINTEND(misc-no-recursion) */

void
form_finish(struct form *form)
{
    finish_children(form->root);
}

const char *
form_read(struct jnode *root, struct str text, struct arena *arena)
{
    struct form form = {root, 0};
    const char *problem = NULL;

    while (text.n > 0 && form.fields <= FORM_FIELDS_MAX) {
        const char *ampersand = memchr(text.s, '&', text.n);
        struct str field = {text.s, ampersand == NULL ? text.n : (size_t)(ampersand - text.s)};
        const char *equals = field.n == 0 ? NULL : memchr(field.s, '=', field.n);
        size_t name_n = equals == NULL ? field.n : (size_t)(equals - field.s);
        struct str value = equals == NULL ? STR("") : str_from(field, name_n + 1);
        const char *refused =
            form_add(&form, percent_decode((struct str){field.s, name_n}, true, arena),
                     percent_decode(value, true, arena), arena);

        if (problem == NULL)
            problem = refused;
        text = str_from(text, ampersand == NULL ? field.n : field.n + 1);
    }
    form_finish(&form);
    return problem;
}
