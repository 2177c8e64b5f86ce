/* Small helpers over jansson trees. They know nothing of reports. Running out of memory ends the
 * program. */
#ifndef REPORTS_TREE_H
#define REPORTS_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* The text, number or truth under `key`; "", 0 or false when it is absent or of another type. Text
 * is borrowed. */
const char *tree_text(const json_t *object, const char *key);
json_int_t tree_int(const json_t *object, const char *key);
bool tree_is_true(const json_t *object, const char *key);

/* The object or array under `key`, made when it is absent. Borrowed. */
json_t *tree_object(json_t *object, const char *key);
json_t *tree_array(json_t *object, const char *key);

/* Put a value in; `value` is taken over. Text that is not UTF-8 is cut before the first wrong byte.
 */
void tree_set(json_t *object, const char *key, json_t *value);
void tree_set_text(json_t *object, const char *key, const char *text);
void tree_set_int(json_t *object, const char *key, json_int_t number);
void tree_set_bool(json_t *object, const char *key, bool truth);
void tree_add(json_t *array, json_t *value);

/* Copies `key` of `from` into `to` if it is there. */
void tree_copy(json_t *to, const json_t *from, const char *key);

/* Adds `by` to the number under `key` (absent = 0). */
void tree_count(json_t *object, const char *key, json_int_t by);

/* Adds the text to an array of texts unless it is in it. */
void tree_add_once(json_t *array, const char *text);

/* The same values in order. Takes `list` over. */
json_t *tree_sorted_new(json_t *list, int (*order)(const json_t *left, const json_t *right));

json_t *tree_text_new(const char *text);

/* One line of JSON with sorted keys; the caller frees it. */
char *tree_line_new(const json_t *value);

/* Zeroed memory. */
void *tree_alloc(size_t count, size_t size);

#endif
