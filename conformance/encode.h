/* JSON into the encodings of a request body, the same bytes each time.
 * Knows nothing of what is sent. */
#ifndef CONFORMANCE_ENCODE_H
#define CONFORMANCE_ENCODE_H

#include <stddef.h>

#include <jansson.h>

enum encoding { ENCODING_JSON, ENCODING_FORM, ENCODING_QUERY, ENCODING_MULTIPART };

/* By name; ENCODING_JSON for anything else. */
enum encoding encode_named(const char *name);

const char *encode_content_type(enum encoding encoding);

/* name=value&..., percent-encoded; members that are no texts are written as JSON. New text. */
char *encode_form_new(const json_t *body);

/* The bytes that pairs of hex digits stand for, and a NUL behind them that does not count; new. */
char *encode_hex_new(const char *hex, size_t *length);

/* The body in an encoding; new bytes. A multipart member {"file":{"name","type","bytes"|"text"|"hex"}} becomes a file. */
char *encode_body_new(enum encoding encoding, const json_t *body, size_t *length);

#endif
