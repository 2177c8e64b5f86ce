/* HAR 1.2: the webhook posts among the requests of a proxy or browser log. */
#include <string.h>

#include "conformance/import.h"

static int
import_entry(struct import *im, const json_t *entry)
{
    const json_t *request = json_object_get(entry, "request");
    const char *method = json_string_value(json_object_get(request, "method"));
    const char *text =
        json_string_value(json_object_get(json_object_get(request, "postData"), "text"));
    json_t *body = method != NULL && strcmp(method, "POST") == 0 && text != NULL
                       ? json_loads(text, 0, NULL)
                       : NULL;
    int result = 0;

    if (body != NULL && json_is_string(json_object_get(body, "object")) &&
        json_is_array(json_object_get(body, "entry")))
        result = import_body(im, body);
    else
        import_skip(im);
    json_decref(body);
    return result;
}

int
import_har(struct import *im)
{
    json_error_t error;
    json_t *har = json_loadf(im->in, JSON_REJECT_DUPLICATES, &error), *entry;
    const json_t *entries = json_object_get(json_object_get(har, "log"), "entries");
    int result = 0;
    size_t i;

    im->line = har == NULL ? (unsigned long)error.line : 0;
    if (har == NULL)
        return import_wrong(im, "no JSON: %s, expected a HAR 1.2 file", error.text);
    if (!json_is_array(entries))
        result = import_wrong(im, "no log.entries, expected a HAR 1.2 file");
    json_array_foreach(entries, i, entry) if (result == 0) result = import_entry(im, entry);
    json_decref(har);
    return result;
}
