#include "conformance/stream.h"

#include "conformance/alloc.h"

void
stream_init(struct stream *stream)
{
    *stream = (struct stream){.records = json_array(), .text = alloc_text("")};
}

void
stream_fini(struct stream *stream)
{
    json_decref(stream->records);
    free(stream->text);
    *stream = (struct stream){0};
}

int
stream_take(struct stream *stream, const char *lines, size_t length)
{
    const char *end = lines + length;

    while (lines < end) {
        const char *newline = memchr(lines, '\n', (size_t)(end - lines));
        size_t size = newline == NULL ? (size_t)(end - lines) : (size_t)(newline - lines);
        json_t *record = size == 0 ? NULL : json_loadb(lines, size, 0, NULL);
        bool is_header = json_object_get(record, "understudy") != NULL;

        if (size > 0 && !is_header && !json_is_integer(json_object_get(record, "seq"))) {
            json_decref(record);
            return -1;
        }
        if (size > 0 && !is_header) {
            stream->last_seq = json_integer_value(json_object_get(record, "seq"));
            json_array_append(stream->records, record);
            stream->text = alloc_checked(realloc(stream->text, stream->text_length + size + 2));
            memcpy(stream->text + stream->text_length, lines, size);
            stream->text_length += size;
            stream->text[stream->text_length++] = '\n';
            stream->text[stream->text_length] = '\0';
        }
        json_decref(record);
        lines += size + 1;
    }
    return 0;
}

size_t
stream_count(const struct stream *stream)
{
    return json_array_size(stream->records);
}

json_t *
stream_record(const struct stream *stream, size_t index)
{
    return json_array_get(stream->records, index);
}

const char *
stream_text(const json_t *record, const char *key)
{
    const char *text = json_string_value(json_object_get(record, key));
    return text == NULL ? "" : text;
}

bool
stream_is(const json_t *record, const char *kind)
{
    return strcmp(stream_text(record, "kind"), kind) == 0;
}

long
stream_line(size_t index)
{
    return (long)index + 2;
}

long
stream_newest(const struct stream *stream, const char *kind, size_t from)
{
    if (stream_count(stream) == 0)
        return -1;
    if (from >= stream_count(stream))
        from = stream_count(stream) - 1;
    for (long i = (long)from; i >= 0; i--)
        if (stream_is(stream_record(stream, (size_t)i), kind))
            return i;
    return -1;
}

/* ---- violations ---- */

static bool
is_grave(const char *severity)
{
    return severity != NULL && (strcmp(severity, "error") == 0 || strcmp(severity, "warning") == 0);
}

size_t
stream_violations(const json_t *record, const json_t *rules, const char *rule, const char **broken,
                  const char **severity)
{
    size_t count = 0;
    const char *decided = stream_text(record, "rule");
    const char *grave =
        json_string_value(json_object_get(json_object_get(rules, decided), "severity"));

    if (stream_is(record, "call") && strcmp(stream_text(record, "outcome"), "refused") == 0 &&
        !json_is_true(json_object_get(record, "injected")) && is_grave(grave) &&
        (rule == NULL || strcmp(rule, decided) == 0)) {
        count++;
        if (broken != NULL)
            *broken = decided;
        if (severity != NULL)
            *severity = grave;
    }
    const json_t *findings = json_object_get(record, "findings");
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *finding = json_array_get(findings, i);
        const char *found = stream_text(finding, "rule");
        if (!is_grave(stream_text(finding, "severity")) ||
            (rule != NULL && strcmp(rule, found) != 0))
            continue;
        if (count++ == 0) {
            if (broken != NULL)
                *broken = found;
            if (severity != NULL)
                *severity = stream_text(finding, "severity");
        }
    }
    return count;
}

bool
stream_reaches(const json_t *record, const char *rule)
{
    const json_t *seen = json_object_get(record, "seen");
    const json_t *findings = json_object_get(record, "findings");

    if (strcmp(stream_text(record, "rule"), rule) == 0)
        return true;
    for (size_t i = 0; i < json_array_size(seen); i++) {
        const char *id = json_string_value(json_array_get(seen, i));
        if (id != NULL && strcmp(id, rule) == 0)
            return true;
    }
    for (size_t i = 0; i < json_array_size(findings); i++)
        if (strcmp(stream_text(json_array_get(findings, i), "rule"), rule) == 0)
            return true;
    return false;
}

/* ---- events ---- */

/* Which field an event belongs to, by the key that only it has; more special keys first. */
static const char *
field_of(const json_t *event)
{
    static const struct {
        const char *key, *field;
    } keys[] = {
        {"delivery", "message_deliveries"},
        {"read", "message_reads"},
        {"reaction", "message_reactions"},
        {"message_edit", "message_edits"},
        {"postback", "messaging_postbacks"},
        {"optin", "messaging_optins"},
        {"referral", "messaging_referrals"},
        {"account_linking", "messaging_account_linking"},
        {"policy_enforcement", "messaging_policy_enforcement"},
        {"policy-enforcement", "messaging_policy_enforcement"},
        {"messaging_feedback", "messaging_feedback"},
        {"game_play", "messaging_game_plays"},
        {"order", "messaging_payments"},
        {"payment", "messaging_payments"},
        {"app_roles", "messaging_handovers"},
        {"pass_thread_control", "messaging_handovers"},
        {"take_thread_control", "messaging_handovers"},
        {"request_thread_control", "messaging_handovers"},
    };
    const json_t *message = json_object_get(event, "message");

    if (message != NULL)
        return json_is_true(json_object_get(message, "is_echo")) ? "message_echoes" : "messages";
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (json_object_get(event, keys[i].key) != NULL)
            return keys[i].field;
    return "";
}

static const char *
element_field(const char *list, const json_t *event)
{
    if (strcmp(list, "changes") == 0)
        return stream_text(event, "field");
    return strcmp(list, "standby") == 0 ? "standby" : field_of(event);
}

void
stream_events(json_t *record, void (*take)(void *to, const char *field, json_t *event), void *to)
{
    static const char *const lists[] = {"messaging", "standby", "changes"};
    json_t *entries = json_object_get(json_object_get(record, "body"), "entry");
    json_t *only = NULL;
    size_t count = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < json_array_size(entries); i++) {
            for (size_t j = 0; j < sizeof lists / sizeof *lists; j++) {
                json_t *list = json_object_get(json_array_get(entries, i), lists[j]);
                for (size_t k = 0; k < json_array_size(list); k++) {
                    only = json_array_get(list, k);
                    if (pass == 0)
                        count++;
                    else if (count > 1)
                        take(to, element_field(lists[j], only), only);
                }
            }
        }
    }
    if (count == 1)
        take(to, stream_text(record, "field"), only);
}
