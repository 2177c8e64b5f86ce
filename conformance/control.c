#include "conformance/control.h"

#include "conformance/alloc.h"
#include "conformance/scope.h"

void
control_init(struct control *control, const char *base, const char *admin_token)
{
    *control = (struct control){.wire = wire_new(), .base = alloc_text(base)};
    if (admin_token != NULL)
        control->admin_token = alloc_text(admin_token);
}

void
control_fini(struct control *control)
{
    wire_free(&control->wire);
    free(control->base);
    free(control->admin_token);
    *control = (struct control){0};
}

/* What a failed call was about, from its problem document if there is one. */
static void
note_error(struct control *control, const char *method, const char *path,
           const struct wire_reply *reply)
{
    const char *detail = json_string_value(json_object_get(reply->json, "detail"));
    const char *title = json_string_value(json_object_get(reply->json, "title"));
    const char *what = detail != NULL ? detail : title != NULL ? title : reply->body;

    if (reply->error != NULL)
        snprintf(control->error, sizeof control->error, "%s %s: %s", method, path, reply->error);
    else
        snprintf(control->error, sizeof control->error, "%s %s: %ld %.400s", method, path,
                 reply->status, what);
}

int
control_call(struct control *control, const char *method, const char *path, const json_t *body,
             struct wire_reply *reply)
{
    struct wire_request request = {.method = alloc_text(method),
                                   .url = alloc_print("%s%s", control->base, path)};

    if (body != NULL) {
        request.body = alloc_checked(json_dumps(body, JSON_COMPACT));
        request.body_length = strlen(request.body);
        wire_request_header(&request, "Content-Type", "application/json");
    }
    if (control->admin_token != NULL) {
        char *value = alloc_print("Bearer %s", control->admin_token);
        wire_request_header(&request, "Authorization", value);
        free(value);
    }
    wire_call(control->wire, &request, reply);
    wire_request_fini(&request);
    if (reply->status >= 200 && reply->status < 300)
        return 0;
    note_error(control, method, path, reply);
    return -1;
}

json_t *
control_json_new(struct control *control, const char *method, const char *path, const json_t *body)
{
    struct wire_reply reply;
    json_t *json = NULL;

    if (control_call(control, method, path, body, &reply) == 0) {
        json = json_incref(reply.json);
        if (json == NULL)
            snprintf(control->error, sizeof control->error, "%s %s: the answer is not JSON", method,
                     path);
    }
    wire_reply_fini(&reply);
    return json;
}

char *
control_world_path(const char *world, const char *rest)
{
    char *encoded = scope_percent_encode(world);
    char *path = alloc_print("/_sim/worlds/%s%s", encoded, rest);

    free(encoded);
    return path;
}

static int
world_call(struct control *control, const char *method, const char *world, const char *rest,
           json_t *body)
{
    char *path = control_world_path(world, rest);
    struct wire_reply reply;
    int result = control_call(control, method, path, body, &reply);

    wire_reply_fini(&reply);
    free(path);
    json_decref(body);
    return result;
}

int
control_settle(struct control *control, const char *world)
{
    return world_call(control, "POST", world, "/settle", json_pack("{s:b}", "keep_held", 1));
}

int
control_settle_all(struct control *control, const char *world)
{
    return world_call(control, "POST", world, "/settle", NULL);
}

int
control_clock_to(struct control *control, const char *world, ms_t now)
{
    char text[MOMENT_TEXT_SIZE];

    moment_write(now, text);
    return world_call(control, "POST", world, "/clock", json_pack("{s:s}", "now", text));
}

int
control_clock_mode(struct control *control, const char *world, const char *mode)
{
    return world_call(control, "POST", world, "/clock", json_pack("{s:s}", "mode", mode));
}

int
control_drop(struct control *control, const char *world)
{
    return world_call(control, "DELETE", world, "", NULL);
}
