/* The parts of the edge that need no socket: paces, lanes, the registry, specs of worlds, settings. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/calendar.h"
#include "edge/drive.h"
#include "edge/lanes.h"
#include "edge/pace.h"
#include "edge/registry.h"
#include "edge/settings.h"
#include "edge/spec.h"
#include "edge/tally.h"
#include "edge/tenant.h"
#include "edge/world_show.h"
#include "world/delivery.h"

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

/* ---- paces ---------------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    bool is_good;
    unsigned times;
} paces[] = {
    {"frozen", true, 0},
    {"wall", true, 1},
    {"x1", true, 1},
    {"x60", true, 60},
    {"x1000000", true, 1000000},
    {"x1000001", false, 0},
    {"x0", false, 0},
    {"x-1", false, 0},
    {"x", false, 0},
    {"x1.5", false, 0},
    {"X60", false, 0},
    {"Frozen", false, 0},
    {"", false, 0},
    {"60", false, 0},
};

START_TEST(a_pace_is_a_word)
{
    unsigned times = 77;
    char text[PACE_TEXT_SIZE];

    ck_assert_msg(pace_read(str_of(paces[_i].text), &times) == paces[_i].is_good, "%s",
                  paces[_i].text);
    ck_assert_uint_eq(times, paces[_i].is_good ? paces[_i].times : 77);
    if (!paces[_i].is_good)
        return;
    pace_write(text, times);
    ck_assert_str_eq(text, strcmp(paces[_i].text, "x1") == 0 ? "wall" : paces[_i].text);
}
END_TEST

START_TEST(a_frozen_pace_stands)
{
    struct pace pace = pace_from(0, 1000);

    pace.since_us -= 5000000;
    ck_assert_int_eq(pace_now(&pace), 1000);
    ck_assert_int_eq(pace_wait_us(&pace, 1001), -1);
}
END_TEST

START_TEST(a_pace_runs_as_fast_as_it_says)
{
    struct pace pace = pace_from(60, 1000);

    pace.since_us -= 2000000; /* two seconds ago */
    ck_assert_int_ge(pace_now(&pace), 1000 + 120 * SECOND);
    ck_assert_int_lt(pace_now(&pace), 1000 + 180 * SECOND);
    ck_assert_int_eq(pace_wait_us(&pace, 1000 + 60 * SECOND), 0);
    ck_assert_int_gt(pace_wait_us(&pace, 1000 + 360 * SECOND), 3000000);
    ck_assert_int_le(pace_wait_us(&pace, 1000 + 360 * SECOND), 4000001);
    ck_assert_int_eq(pace_wait_us(&pace, MS_ALWAYS), -1);
}
END_TEST

START_TEST(time_ends_with_the_year_9999)
{
    struct pace pace = pace_from(PACE_TIMES_MAX, PACE_END - 5);

    pace.since_us -= 2000000;
    ck_assert_int_eq(pace_now(&pace), PACE_END);
}
END_TEST

/* ---- lanes ---------------------------------------------------------------------------------------------------------------------- */

static struct delivery *
delivery_of(uint64_t number, uint64_t thread_key, unsigned tricks)
{
    struct delivery *delivery = delivery_new(0, 0, FIELD_MESSAGES, "message", "{}", 2);

    delivery->number = number;
    delivery->thread_key = thread_key;
    delivery->tricks = tricks;
    return delivery;
}

/* Takes the next one and says its number, 0 for none. */
static uint64_t
take(struct lanes *lanes, uint32_t *lane)
{
    struct delivery *delivery = lanes_take(lanes, lane);
    uint64_t number = delivery != NULL ? delivery->number : 0;

    delivery_free(delivery);
    return number;
}

START_TEST(a_conversation_keeps_its_order)
{
    struct lanes *lanes = lanes_new();
    uint32_t first, second, none;

    lanes_push(lanes, delivery_of(1, 10, 0));
    lanes_push(lanes, delivery_of(2, 10, 0));
    lanes_push(lanes, delivery_of(3, 11, 0));
    ck_assert_uint_eq(lanes_waiting(lanes), 3);
    ck_assert_uint_eq(take(lanes, &first), 1);
    ck_assert_uint_eq(take(lanes, &second), 3);
    ck_assert_uint_eq(take(lanes, &none), 0);
    lanes_done(lanes, second);
    ck_assert_uint_eq(take(lanes, &none), 0);
    lanes_done(lanes, first);
    ck_assert_uint_eq(take(lanes, &first), 2);
    lanes_done(lanes, first);
    ck_assert_uint_eq(lanes_waiting(lanes), 0);
    lanes_free(&lanes);
}
END_TEST

START_TEST(a_concurrent_one_goes_beside)
{
    struct lanes *lanes = lanes_new();
    uint32_t lane;

    lanes_push(lanes, delivery_of(1, 10, 0));
    lanes_push(lanes, delivery_of(2, 10, TRICK_CONCURRENT));
    lanes_push(lanes, delivery_of(3, 10, TRICK_CONCURRENT));
    ck_assert_uint_eq(take(lanes, &lane), 1);
    ck_assert_uint_eq(take(lanes, &lane), 2);
    ck_assert_uint_eq(lane, LANE_NONE);
    lanes_done(lanes, lane);
    ck_assert_uint_eq(take(lanes, &lane), 3);
    lanes_free(&lanes);
}
END_TEST

START_TEST(lanes_free_what_waits)
{
    struct lanes *lanes = lanes_new();

    for (uint64_t i = 1; i < 2000; i++)
        lanes_push(lanes, delivery_of(i, i % 7, i % 5 == 0 ? TRICK_CONCURRENT : 0));
    lanes_free(&lanes);
    ck_assert_ptr_null(lanes);
}
END_TEST

/* ---- the registry ------------------------------------------------------------------------------------------------------------------ */

static struct registry *registry;

static void
registry_setup(void)
{
    registry = registry_new(NULL, NULL);
}

static void
registry_teardown(void)
{
    size_t count;
    struct tenant **all = registry_all(registry, &count);

    for (size_t i = 0; i < count; i++) {
        registry_drop(registry, all[i]);
        tenant_release(all[i]);
    }
    free(all);
    registry_free(&registry);
}

/* A world of that name and page id, findable; gives its salt. */
static uint64_t
move_in(const char *name, uint64_t seed, const char *page)
{
    uint64_t salt;
    struct tenant *tenant = registry_reserve(registry, str_of(name), seed, &salt);

    ck_assert_ptr_nonnull(tenant);
    tenant->world = world_new(tenant->name, seed, salt, CIVIL(2024, 3, 1));
    world_add_app(tenant->world, NULL, NULL, NULL, NULL);
    world_add_page(tenant->world, page, NULL, NULL);
    registry_index(registry, tenant);
    tenant_release(tenant);
    return salt;
}

static const char *
owner_of(const char *key)
{
    struct tenant *tenant = registry_find_key(registry, str_of(key));
    static char name[64];

    snprintf(name, sizeof name, "%s", tenant != NULL ? tenant->name : "nobody");
    if (tenant != NULL)
        tenant_release(tenant);
    return name;
}

static void
drop(const char *name)
{
    struct tenant *tenant = registry_find_name(registry, str_of(name));

    ck_assert_ptr_nonnull(tenant);
    ck_assert(registry_drop(registry, tenant));
    ck_assert(!registry_drop(registry, tenant));
    tenant_release(tenant);
}

START_TEST(names_are_the_lowest_free)
{
    uint64_t salt;

    move_in(NULL, 1, "1");
    move_in(NULL, 1, "2");
    move_in("w3", 1, "3");
    drop("w1");
    ck_assert_ptr_null(registry_reserve(registry, STR("w2"), 1, &salt));
    move_in(NULL, 1, "4");
    ck_assert_str_eq(owner_of("4"), "w1");
    move_in(NULL, 1, "5");
    ck_assert_str_eq(owner_of("5"), "w4");
    ck_assert_uint_eq(registry_count(registry), 4);
}
END_TEST

START_TEST(the_same_seed_alive_twice_has_another_salt)
{
    ck_assert_uint_eq(move_in("a", 7, "1"), 0);
    ck_assert_uint_eq(move_in("b", 7, "2"), 1);
    ck_assert_uint_eq(move_in("c", 8, "3"), 0);
    drop("a");
    ck_assert_uint_eq(move_in("d", 7, "4"), 0);
}
END_TEST

START_TEST(a_shared_key_is_the_older_world_s)
{
    move_in("a", 1, "555");
    move_in("b", 2, "555");
    ck_assert_str_eq(owner_of("555"), "a");
    drop("a");
    ck_assert_str_eq(owner_of("555"), "b");
    drop("b");
    ck_assert_str_eq(owner_of("555"), "nobody");
}
END_TEST

START_TEST(tokens_given_out_later_are_found)
{
    move_in("a", 1, "1");
    struct tenant *tenant = registry_find_name(registry, STR("a"));

    ck_assert_str_eq(owner_of("later"), "nobody");
    world_add_credential(tenant->world, CREDENTIAL_PAGE, 0, 0, "later");
    registry_index(registry, tenant);
    ck_assert_str_eq(owner_of("later"), "a");
    registry_unindex(registry, tenant);
    ck_assert_str_eq(owner_of("later"), "nobody");
    ck_assert_str_eq(owner_of("1"), "nobody");
    tenant_release(tenant);
}
END_TEST

/* ---- specs ------------------------------------------------------------------------------------------------------------------------ */

static struct world *
make(const char *text, struct problem *problem)
{
    json_t *spec = json_loads(text, JSON_DECODE_ANY, NULL);
    struct spec_head head = {.seed = 1, .times = 0, .now = CIVIL(2024, 3, 1)};
    struct world *world = NULL;

    ck_assert_msg(spec != NULL, "%s", text);
    *problem = (struct problem){.id = PROBLEM_COUNT};
    if (spec_read_head(spec, &head, problem))
        spec_make_world(spec, &head, "w", 0, &world, problem);
    json_decref(spec);
    return world;
}

static const struct {
    const char *spec, *pointer;
    enum problem_id id;
} bad_specs[] = {
    {"[]", "", PROBLEM_BAD_VALUE},
    {"{\"nam\":\"a\"}", "/nam", PROBLEM_UNKNOWN_FIELD},
    {"{\"name\":\"\"}", "/name", PROBLEM_BAD_VALUE},
    {"{\"name\":\"a\\\"b\"}", "/name", PROBLEM_BAD_VALUE},
    {"{\"name\":\"\\u00e4\"}", "/name", PROBLEM_BAD_VALUE},
    {"{\"seed\":-1}", "/seed", PROBLEM_BAD_VALUE},
    {"{\"seed\":\"1\"}", "/seed", PROBLEM_BAD_VALUE},
    {"{\"now\":\"2015-12-31T23:59:59Z\"}", "/now", PROBLEM_BAD_VALUE},
    {"{\"now\":1700000000}", "/now", PROBLEM_BAD_VALUE},
    {"{\"clock\":\"fast\"}", "/clock", PROBLEM_BAD_VALUE},
    {"{\"policy_date\":\"someday\"}", "/policy_date", PROBLEM_BAD_VALUE},
    {"{\"apps\":{}}", "/apps", PROBLEM_BAD_VALUE},
    {"{\"apps\":[]}", "/apps", PROBLEM_BAD_VALUE},
    {"{\"apps\":[3]}", "/apps/0", PROBLEM_BAD_VALUE},
    {"{\"apps\":[{},{\"secet\":\"x\"}]}", "/apps/1/secet", PROBLEM_UNKNOWN_FIELD},
    {"{\"apps\":[{\"id\":\"x1\"}]}", "/apps/0/id", PROBLEM_BAD_VALUE},
    {"{\"apps\":[{\"id\":\"5\"},{\"id\":\"5\"}]}", "/apps/1", PROBLEM_TAKEN},
    {"{\"apps\":[{\"secret\":\"012345678901234567890123456789012\"}]}", "/apps/0/secret",
     PROBLEM_BAD_VALUE},
    {"{\"apps\":[{\"mode\":\"test\"}]}", "/apps/0/mode", PROBLEM_BAD_VALUE},
    {"{\"apps\":[{\"require_proof\":1}]}", "/apps/0/require_proof", PROBLEM_BAD_VALUE},
    {"{\"pages\":[{\"app_ids\":[\"9\"]}]}", "/pages/0/app_ids/0", PROBLEM_BAD_VALUE},
    {"{\"pages\":[{\"default_app\":7}]}", "/pages/0/default_app", PROBLEM_BAD_VALUE},
    {"{\"users\":[{\"psid\":\"0\"}]}", "/users/0/psid", PROBLEM_BAD_VALUE},
    {"{\"users\":[{\"psid\":\"5\"},{\"psid\":\"5\"}]}", "/users/1/psid", PROBLEM_TAKEN},
    {"{\"users\":[{\"name\":\"ann\"},{\"name\":\"ann\"}]}", "/users/1/name", PROBLEM_TAKEN},
    {"{\"users\":[{\"page_id\":\"5\"}]}", "/users/0/page_id", PROBLEM_BAD_VALUE},
    {"{\"users\":[{\"timezone\":25}]}", "/users/0/timezone", PROBLEM_BAD_VALUE},
    {"{\"users\":[{\"account\":\"none\"}]}", "/users/0/account", PROBLEM_BAD_VALUE},
    {"{\"users\":-1}", "/users", PROBLEM_BAD_VALUE},
    {"{\"tokens\":[{\"kind\":\"pages\"}]}", "/tokens/0/kind", PROBLEM_BAD_VALUE},
    {"{\"tokens\":[{\"without\":[\"pages_messagin\"]}]}", "/tokens/0/without/0", PROBLEM_BAD_VALUE},
    {"{\"tokens\":[{\"page\":1}]}", "/tokens/0/page", PROBLEM_BAD_VALUE},
    {"{\"urls\":{\"https://a/b\":\"gone\"}}", "/urls/https:~1~1a~1b", PROBLEM_BAD_VALUE},
    {"{\"limits\":\"some\"}", "/limits", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"LIM-NOPE\":\"off\"}}", "/limits/LIM-NOPE", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"LIM-SEND-TEXT\":{\"max\":0}}}", "/limits/LIM-SEND-TEXT/max", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"LIM-SEND-TEXT\":{\"max\":-1}}}", "/limits/LIM-SEND-TEXT/max", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"LIM-SEND-TEXT\":{\"max\":1000000001}}}", "/limits/LIM-SEND-TEXT/max", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"*\":{\"max\":0}}}", "/limits/*/max", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"LIM-SEND-TEXT\":{\"window\":\"0s\"}}}", "/limits/LIM-SEND-TEXT/window", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"LIM-SEND-TEXT\":{\"window\":\"-1s\"}}}", "/limits/LIM-SEND-TEXT/window", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"LIM-SEND-TEXT\":{\"window\":\"366d\"}}}", "/limits/LIM-SEND-TEXT/window", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"LIM-SEND-TEXT\":{\"max\":5},\"lim-send-text\":{\"max\":6}}}", "/limits/lim-send-text", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"LIM-SEND-TEXT\":\"off\",\"Lim-Send-Text\":\"published\"}}", "/limits/Lim-Send-Text", PROBLEM_BAD_VALUE},
    {"{\"limits\":{\"engaged_min\":0}}", "/limits/engaged_min", PROBLEM_BAD_VALUE},
    {"{\"webhook\":{\"url\":\"ftp://x\"}}", "/webhook/url", PROBLEM_BAD_VALUE},
    {"{\"webhook\":{\"fields\":[\"message\"]}}", "/webhook/fields/0", PROBLEM_BAD_VALUE},
    {"{\"ad_window\":\"yes\"}", "/ad_window", PROBLEM_BAD_VALUE},
};

START_TEST(a_bad_spec_is_refused_with_its_pointer)
{
    struct problem problem;
    struct world *world = make(bad_specs[_i].spec, &problem);

    ck_assert_msg(world == NULL, "%s is accepted", bad_specs[_i].spec);
    ck_assert_msg(strcmp(problem.pointer, bad_specs[_i].pointer) == 0, "%s: %s (%s)",
                  bad_specs[_i].spec, problem.pointer, problem.detail);
    ck_assert_msg(problem.id == bad_specs[_i].id, "%s: %d", bad_specs[_i].spec, (int)problem.id);
    ck_assert_int_gt((int)strlen(problem.detail), 0);
}
END_TEST

START_TEST(an_empty_spec_is_one_app_one_page_three_people)
{
    struct problem problem;
    struct world *world = make("{}", &problem);

    ck_assert_ptr_nonnull(world);
    ck_assert_uint_eq(world->app_count, 1);
    ck_assert_uint_eq(world->page_count, 1);
    ck_assert_uint_eq(world->thread_count, 3);
    ck_assert_uint_eq(world->credential_count, 2);
    ck_assert_ptr_null(world->apps[0]->webhook.url);
    ck_assert_uint_eq(world->pages[0]->app_count, 1);
    world_free(&world);
}
END_TEST

START_TEST(a_full_spec_is_what_it_says)
{
    struct problem problem;
    struct world *world =
        make("{\"apps\":[{\"id\":\"11\",\"secret\":\"s\",\"mode\":\"development\",\"require_"
             "proof\":true,\"human_agent\":false},{\"id\":\"12\"}],"
             "\"pages\":[{\"id\":\"21\",\"access_token\":\"T\",\"app_ids\":[\"12\"],\"default_"
             "app\":\"12\"},{\"id\":\"22\"}],"
             "\"users\":[{\"name\":\"Ann "
             "Smith\",\"page_id\":\"22\",\"psid\":\"31\",\"account\":\"phone_only\",\"window_open_"
             "until\":\"2024-03-01T01:00:00Z\"}],"
             "\"tokens\":[{\"kind\":\"page\",\"state\":\"expired\",\"page\":1,\"app\":\"12\","
             "\"without\":[\"pages_messaging\"]},{\"kind\":\"user\"}],"
             "\"webhook\":{\"url\":\"http://127.0.0.1/"
             "x\",\"fields\":[\"messages\"],\"app\":\"12\",\"version\":\"v19.0\"},"
             "\"urls\":{\"https://a/b\":\"image/"
             "png\"},\"policy_date\":\"2020-03-03\",\"ad_window\":true}",
             &problem);

    ck_assert_msg(world != NULL, "%s", problem.detail);
    ck_assert_str_eq(world->apps[0]->access_token, "11|s");
    ck_assert(!world->apps[0]->is_live && world->apps[0]->requires_proof &&
              !world->apps[0]->human_agent);
    ck_assert_uint_eq(world->pages[0]->apps[0].app, 1);
    ck_assert_uint_eq(world->pages[0]->default_app, 1);
    ck_assert_uint_eq(world_find_token(world, STR("T"))->app, 1);
    struct thread *ann = world_find_person(world, STR("Ann Smith"));
    ck_assert_uint_eq(ann->psid, 31);
    ck_assert_str_eq(ann->extra->last_name, "Smith");
    ck_assert_int_eq(ann->last_act, CIVIL(2024, 2, 29) + HOUR);
    ck_assert((ann->flags & THREAD_PHONE_ONLY) != 0);
    const struct credential *expired = world->credentials[world->app_count + world->page_count];
    ck_assert_int_eq(expired->state, TOKEN_EXPIRED);
    ck_assert_uint_eq(expired->page, 1);
    ck_assert_uint_eq(expired->permissions, PERM_ALL & ~(unsigned)PERM_PAGES_MESSAGING);
    ck_assert_str_eq(world->apps[1]->webhook.url, "http://127.0.0.1/x");
    ck_assert_int_eq(world->apps[1]->webhook.version, 1900);
    ck_assert(page_find_app(world->pages[1], 1)->is_subscribed);
    ck_assert_str_eq(world_url_answer(world, STR("https://a/b")), "image/png");
    ck_assert(!world->policy_date_is_clock && world->policy_date == CIVIL(2020, 3, 3) &&
              world->ad_window_is_on);
    world_free(&world);
}
END_TEST

START_TEST(what_is_shown_may_be_asked_for_again)
{
    struct problem problem;
    struct tenant *tenant = tenant_new("w");

    tenant->world = make("{\"apps\":[{},{}],\"pages\":[{},{}],\"users\":[{\"name\":\"ann\"},{},{"
                         "\"window_open_until\":\"2024-03-01T12:00:00Z\"}],"
                         "\"tokens\":[{\"kind\":\"page\",\"state\":\"permissions_revoked\"}]}",
                         &problem);
    ck_assert_msg(tenant->world != NULL, "%s", problem.detail);
    json_t *shown = world_show_new(tenant);
    char *text = json_dumps(shown, JSON_COMPACT);
    struct world *again = make(text, &problem);

    ck_assert_msg(again != NULL, "%s", problem.detail);
    ck_assert_str_eq(again->apps[1]->secret, tenant->world->apps[1]->secret);
    ck_assert_str_eq(again->pages[1]->id, tenant->world->pages[1]->id);
    ck_assert_uint_eq(world_thread(again, 2)->psid, world_thread(tenant->world, 2)->psid);
    ck_assert_int_eq(world_thread(again, 2)->last_act, world_thread(tenant->world, 2)->last_act);
    world_free(&again);
    free(text);
    json_decref(shown);
    tenant_release(tenant);
}
END_TEST

START_TEST(secrets_are_masked_at_any_depth)
{
    json_t *spec = json_loads("{\"apps\":[{\"secret\":\"a\",\"id\":\"1\"}],\"tokens\":[{\"access_"
                              "token\":\"b\"}],\"webhook\":{\"verify_token\":\"c\"}}",
                              0, NULL);

    world_mask_secrets(spec);
    char *text = json_dumps(spec, JSON_COMPACT);
    ck_assert_str_eq(text, "{\"apps\":[{\"secret\":\"***\",\"id\":\"1\"}],\"tokens\":[{\"access_"
                           "token\":\"***\"}],\"webhook\":{\"verify_token\":\"***\"}}");
    free(text);
    json_decref(spec);
}
END_TEST

/* ---- the tally -------------------------------------------------------------------------------------------------------------------- */

static void
add_record(struct world *world, const char *kind, const char *rest)
{
    world_record(world, kind, str_of(rest));
}

START_TEST(violations_are_refusals_and_findings_that_matter)
{
    struct world *world = world_new("w", 1, 0, CIVIL(2024, 3, 1));

    add_record(world, "call",
               ",\"endpoint\":\"A\",\"rule\":\"WIN-STD-24H\",\"outcome\":\"refused\",\"error\":{"
               "\"code\":10,\"subcode\":2018278},\"findings\":[],\"seen\":[\"WIN-STD-24H\"]}");
    add_record(world, "call",
               ",\"endpoint\":\"A\",\"rule\":\"WIN-STD-24H\",\"outcome\":\"refused\",\"injected\":"
               "true,\"error\":{\"code\":10},\"findings\":[]}");
    add_record(world, "call",
               ",\"endpoint\":\"A\",\"rule\":\"WIN-STD-24H\",\"outcome\":\"permitted\",\"error\":"
               "null,\"findings\":[],\"seen\":[\"WIN-STD-24H\"]}");
    add_record(world, "call",
               ",\"endpoint\":null,\"rule\":\"WIN-STD-24H\",\"outcome\":\"refused\",\"error\":{"
               "\"code\":10},\"findings\":[],\"seen\":[\"WIN-STD-24H\"]}");
    json_t *violations = tally_violations_new(world), *coverage = tally_coverage_new(world);
    json_t *first = json_array_get(json_object_get(violations, "violations"), 0);

    ck_assert_uint_eq(json_array_size(json_object_get(violations, "violations")), 1);
    ck_assert_str_eq(json_string_value(json_object_get(first, "rule")), "WIN-STD-24H");
    ck_assert_int_eq(json_integer_value(json_object_get(first, "count")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(first, "first_seq")), 1);
    ck_assert_uint_eq(json_array_size(json_object_get(coverage, "endpoints")), 2);
    ck_assert_int_eq(
        json_integer_value(json_object_get(json_object_get(coverage, "errors"), "10/2018278")), 1);
    size_t i;
    json_t *rule;
    json_array_foreach(json_object_get(coverage, "rules"), i, rule)
    {
        if (strcmp(json_string_value(json_object_get(rule, "id")), "WIN-STD-24H") != 0)
            continue;
        ck_assert_int_eq(json_integer_value(json_object_get(rule, "consulted")), 3);
        ck_assert_int_eq(json_integer_value(json_object_get(rule, "permitted")), 1);
        ck_assert_int_eq(json_integer_value(json_object_get(rule, "refused")), 2);
    }
    json_decref(violations);
    json_decref(coverage);
    world_free(&world);
}
END_TEST

/* ---- settings --------------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *arguments[5];
    bool is_good;
} command_lines[] = {
    {{NULL}, true},
    {{"--listen", "127.0.0.1:0"}, true},
    {{"--listen=[::1]:0"}, true},
    {{"--listen", "localhost:65535"}, true},
    {{"--listen", "127.0.0.1:65536"}, false},
    {{"--listen", "::1:0"}, false},
    {{"--listen", "127.0.0.1"}, false},
    {{"--listen", ":80"}, false},
    {{"--listen"}, false},
    {{"--listen", "0.0.0.0:0"}, false},
    {{"--listen", "0.0.0.0:0", "--admin-token", "t"}, true},
    {{"--tls", "0.0.0.0:0"}, false},
    {{"--proxy", "127.0.0.1:0"}, false},
    {{"--tls", "127.0.0.1:0", "--proxy", "127.0.0.1:0"}, true},
    {{"--seed", "999999999999999999"}, true},
    {{"--seed", "1000000000000000000"}, false},
    {{"--seed", "1x"}, false},
    {{"--clock", "x60"}, true},
    {{"--clock", "x"}, false},
    {{"--now", "2016-01-01"}, true},
    {{"--now", "2015-12-31"}, false},
    {{"--threads", "64"}, true},
    {{"--threads", "65"}, false},
    {{"--strict"}, true},
    {{"--strict=yes"}, false},
    {{"--nonsense"}, false},
    {{"word"}, false},
    {{"--help", "--listen", "127.0.0.1:1"}, true},
};

START_TEST(a_command_line_is_read_or_refused)
{
    struct settings settings;
    char *argv[8] = {0}, name[] = "serve";
    int argc = 1;

    argv[0] = name;
    for (; argc <= 5 && command_lines[_i].arguments[argc - 1] != NULL && argc < 6; argc++)
        argv[argc] = strdup(command_lines[_i].arguments[argc - 1]);
    if (!command_lines[_i].is_good)
        ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    ck_assert_int_eq(settings_read(&settings, argc, argv), command_lines[_i].is_good ? 0 : -1);
    while (--argc > 0)
        free(argv[argc]);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("edge");
    TCase *pace = tcase_create("pace"), *lanes = tcase_create("lanes"),
          *names = tcase_create("registry"), *specs = tcase_create("specs");
    TCase *rest = tcase_create("rest");

    tcase_add_loop_test(pace, a_pace_is_a_word, 0, COUNT(paces));
    tcase_add_test(pace, a_frozen_pace_stands);
    tcase_add_test(pace, a_pace_runs_as_fast_as_it_says);
    tcase_add_test(pace, time_ends_with_the_year_9999);
    tcase_add_test(lanes, a_conversation_keeps_its_order);
    tcase_add_test(lanes, a_concurrent_one_goes_beside);
    tcase_add_test(lanes, lanes_free_what_waits);
    tcase_add_checked_fixture(names, registry_setup, registry_teardown);
    tcase_add_test(names, names_are_the_lowest_free);
    tcase_add_test(names, the_same_seed_alive_twice_has_another_salt);
    tcase_add_test(names, a_shared_key_is_the_older_world_s);
    tcase_add_test(names, tokens_given_out_later_are_found);
    tcase_add_loop_test(specs, a_bad_spec_is_refused_with_its_pointer, 0, COUNT(bad_specs));
    tcase_add_test(specs, an_empty_spec_is_one_app_one_page_three_people);
    tcase_add_test(specs, a_full_spec_is_what_it_says);
    tcase_add_test(specs, what_is_shown_may_be_asked_for_again);
    tcase_add_test(specs, secrets_are_masked_at_any_depth);
    tcase_add_test(rest, violations_are_refusals_and_findings_that_matter);
    tcase_add_loop_test(rest, a_command_line_is_read_or_refused, 0, COUNT(command_lines));
    suite_add_tcase(suite, pace);
    suite_add_tcase(suite, lanes);
    suite_add_tcase(suite, names);
    suite_add_tcase(suite, specs);
    suite_add_tcase(suite, rest);
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
