#include "conformance/encode.h"

#include "conformance/alloc.h"
#include "conformance/loan.h"
#include "conformance/scope.h"

#define BOUNDARY "understudy-7f3c1d9e5b"

static const struct {
    const char *name, *content_type;
} encodings[] = {
    [ENCODING_JSON] = {"json", "application/json"},
    [ENCODING_FORM] = {"form", "application/x-www-form-urlencoded"},
    [ENCODING_QUERY] = {"query", ""},
    [ENCODING_MULTIPART] = {"multipart", "multipart/form-data; boundary=" BOUNDARY},
};

enum encoding
encode_named(const char *name)
{
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
        if (strcmp(encodings[i].name, name) == 0)
            return (enum encoding)i;
    return ENCODING_JSON;
}

const char *
encode_content_type(enum encoding encoding)
{
    return encodings[encoding].content_type;
}

struct bytes {
    char *text;
    size_t length;
};

static void
append(struct bytes *bytes, const char *more, size_t length)
{
    bytes->text = alloc_checked(realloc(bytes->text, bytes->length + length + 1));
    memcpy(bytes->text + bytes->length, more, length);
    bytes->length += length;
    bytes->text[bytes->length] = '\0';
}

static void
append_text(struct bytes *bytes, const char *text)
{
    append(bytes, text, strlen(text));
}

char *
encode_form_new(const json_t *body)
{
    struct bytes out = {0};
    const char *key;
    json_t *member;

    append_text(&out, "");
    json_object_foreach(loan(body), key, member)
    {
        char *plain = scope_text_of(member);
        char *name = scope_percent_encode(key), *value = scope_percent_encode(plain);
        char *pair = alloc_print("%s%s=%s", out.length == 0 ? "" : "&", name, value);
        append_text(&out, pair);
        free(pair);
        free(value);
        free(name);
        free(plain);
    }
    return out.text;
}

/* ---- files ---- */

/* What a file of a type begins with, so that a look at its content agrees with its name. */
static const struct {
    const char *type, *start;
    size_t length;
} starts[] = {
    {"image/png", "\x89PNG\r\n\x1a\n", 8},
    {"image/jpeg", "\xff\xd8\xff\xe0", 4},
    {"image/gif", "GIF89a", 6},
    {"video/mp4",
     "\0\0\0\x18"
     "ftypmp42",
     12},
    {"audio/mpeg", "ID3\x03", 4},
    {"audio/mp3", "ID3\x03", 4},
    {"application/pdf", "%PDF-1.4\n", 9},
};

static void
append_made_up(struct bytes *out, const char *type, size_t size)
{
    size_t from = out->length;
    char *zeros = alloc_zero(size + 1, 1);

    append(out, zeros, size);
    free(zeros);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strcmp(starts[i].type, type) == 0)
            memcpy(out->text + from, starts[i].start,
                   starts[i].length < size ? starts[i].length : size);
}

static unsigned
hex_digit(char c)
{
    return c >= 'a'   ? (unsigned)(c - 'a') + 10
           : c >= 'A' ? (unsigned)(c - 'A') + 10
                      : (unsigned)(c - '0');
}

static void
append_hex(struct bytes *out, const char *hex)
{
    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        char byte = (char)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
        append(out, &byte, 1);
    }
}

char *
encode_hex_new(const char *hex, size_t *length)
{
    struct bytes out = {0};

    append_text(&out, "");
    append_hex(&out, hex);
    *length = out.length;
    return out.text;
}

static void
append_file(struct bytes *out, const char *key, const json_t *file)
{
    const char *name = json_string_value(json_object_get(file, "name"));
    const char *type = json_string_value(json_object_get(file, "type"));
    const json_t *text = json_object_get(file, "text");
    const char *hex = json_string_value(json_object_get(file, "hex"));
    char *head = alloc_print(
        "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n"
        "Content-Type: %s\r\n\r\n",
        key, name == NULL ? "file" : name, type == NULL ? "application/octet-stream" : type);

    append_text(out, head);
    free(head);
    if (text != NULL)
        append(out, json_string_value(text), json_string_length(text));
    else if (hex != NULL)
        append_hex(out, hex);
    else
        append_made_up(out, type == NULL ? "" : type,
                       (size_t)json_integer_value(json_object_get(file, "bytes")));
    append_text(out, "\r\n");
}

static void
append_part(struct bytes *out, const char *key, const json_t *member)
{
    const json_t *file = json_object_get(member, "file");

    if (json_is_object(file)) {
        append_file(out, key, file);
        return;
    }
    char *value = scope_text_of(member);
    char *part = alloc_print(
        "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", key, value);
    append_text(out, part);
    free(part);
    free(value);
}

char *
encode_body_new(enum encoding encoding, const json_t *body, size_t *length)
{
    struct bytes out = {0};
    const char *key;
    json_t *member;

    if (encoding == ENCODING_JSON || !json_is_object(body)) {
        char *text = alloc_checked(json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY));
        *length = strlen(text);
        return text;
    }
    if (encoding != ENCODING_MULTIPART) {
        char *text = encode_form_new(body);
        *length = strlen(text);
        return text;
    }
    json_object_foreach(loan(body), key, member)
    {
        append_part(&out, key, member);
    }
    append_text(&out, "--" BOUNDARY "--\r\n");
    *length = out.length;
    return out.text;
}
