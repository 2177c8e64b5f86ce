/* Variables: what ${name} holds, and putting it into texts and JSON values.
 * Knows neither scenarios nor patterns. Values are put in after parsing, so they never change any syntax. */
#ifndef CONFORMANCE_SCOPE_H
#define CONFORMANCE_SCOPE_H

#include <stdbool.h>

#include <jansson.h>

enum { REFERENCE_PART_MAX = 63 };

/* One ${name}, ${name.field} or ${name:type} in a text. */
struct reference {
    const char *start, *end; /* of the whole `${...}`; borrowed from the text */
    char name[REFERENCE_PART_MAX + 1];
    char field[REFERENCE_PART_MAX + 1]; /* empty: none */
    char type[REFERENCE_PART_MAX + 1];  /* empty: none */
    bool is_escape;                     /* `$${`: stands for a plain `${` */
    bool is_broken;                     /* not closed, or not a name */
};

/* Finds the first reference at or behind `text`. False when there is none. */
bool reference_next(const char *text, struct reference *reference);

/* True when the text is one reference and nothing else. */
bool reference_whole(const char *text, struct reference *reference);

struct scope {
    json_t *values;  /* name -> value */
    json_t *things;  /* name -> object whose members are ${name.field} */
    json_t *absents; /* name -> true: columns whose cell is `-` */
};

void scope_init(struct scope *scope);
void scope_fini(struct scope *scope);

/* Binds a name; takes the reference to `value` when the name ends in _new, else copies it in depth. */
void scope_bind(struct scope *scope, const char *name, const json_t *value);
void scope_bind_new(struct scope *scope, const char *name, json_t *value);
void scope_bind_thing(struct scope *scope, const char *name, const json_t *thing);
void scope_bind_absent(struct scope *scope, const char *name);

enum found { FOUND, FOUND_ABSENT, FOUND_NOTHING };

/* What a reference holds; the value is borrowed. */
enum found scope_find(const struct scope *scope, const struct reference *reference, json_t **value);

/* A value as it stands inside a text: a string as it is, anything else as JSON. The caller frees. */
char *scope_text_of(const json_t *value);

/* Puts values into a text. `shape` (may be NULL) changes each value before it goes in: percent-encoding for paths,
 * escaping for regular expressions; it returns a new text. FOUND: `*text` is new, the caller frees. FOUND_ABSENT: a
 * reference is to an absent cell. FOUND_NOTHING: `*text` is the reference that is not bound; the caller frees. */
enum found scope_expand_text(const struct scope *scope, const char *from,
                             char *(*shape)(const char *), char **text);

/* A copy without the members and elements whose value is exactly a reference to an absent cell, and without objects
 * that lose all their members this way. May return NULL: nothing is left. */
json_t *scope_prune_new(const struct scope *scope, const json_t *from);

/* A copy with values put into all string values (not into keys). FOUND_NOTHING as above, in `*missing`. Absent members
 * are left out as by scope_prune_new; an absent cell inside a longer text is an empty text. */
enum found scope_expand_new(const struct scope *scope, const json_t *from, json_t **to,
                            char **missing);

/* A bare word as a value: number, true, false, null when it looks like one; else, or when quoted, a text. */
json_t *scope_value_of_word_new(const char *text, bool is_quoted);

/* Percent-encodes everything but letters, digits and -._~ ; new text. */
char *scope_percent_encode(const char *text);

#endif
