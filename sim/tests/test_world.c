/* The parts of a world: ids, maps, logs, the outbox, people, nodes, the journal. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/delivery.h"
#include "world/page_extra.h"
#include "world/world.h"

#define NOW CIVIL(2024, 3, 4)

/* ---- ids -------------------------------------------------------------------------------------------------------------------- */

/* One row a form: what an id looks like, and where the drawn part begins. */
static const struct {
    enum mid_form form;
    size_t length, fixed;
    const char *prefix;
} mid_rows[] = {
    {MID_TIME, 36, 18, "mid.1457764197618:"},
    {MID_DOLLAR, 34, 8, "mid.$cAA"},
    {MID_BARE, 86, 0, ""},
    {MID_NOW, 88, 2, "m_"},
};

START_TEST(test_message_ids_are_reversible)
{
    char mid[MID_SIZE], other[MID_SIZE], prefixed[MID_SIZE + 2];
    size_t length = mid_rows[_i].length;

    for (uint64_t n = 1; n < 100000; n = n * 3 + 1) {
        mid_write(mid, 42, n, mid_rows[_i].form, 1457764197618);
        ck_assert_uint_eq(strlen(mid), length);
        ck_assert_int_eq(strncmp(mid, mid_rows[_i].prefix, mid_rows[_i].fixed), 0);
        ck_assert_uint_eq(mid_read(42, mid, length), n);
        ck_assert_uint_eq(mid_read(43, mid, length), 0);
        ck_assert_uint_eq(mid_read(42, mid, length - 1), 0);
        snprintf(prefixed, sizeof prefixed, "m_%s", mid);
        if (mid_rows[_i].form == MID_NOW)
            ck_assert_uint_eq(mid_read(42, mid + 2, length - 2), n);
        else
            ck_assert_uint_eq(mid_read(42, prefixed, length + 2), n);
        for (size_t at = mid_rows[_i].fixed; at < length; at++) { /* no character is there for nothing */
            memcpy(other, mid, sizeof other);
            other[at] = other[at] == 'a' ? 'b' : 'a';
            ck_assert_uint_eq(mid_read(42, other, length), 0);
        }
    }
}
END_TEST

/* 64 bytes as base64url have only four possible last characters; a strict decoder cares. */
START_TEST(test_message_ids_are_base64)
{
    char mid[MID_SIZE];

    for (uint64_t n = 1; n < 300; n++) {
        mid_write(mid, 42, n, MID_NOW, 0);
        ck_assert_msg(strchr("AQgw", mid[MID_LENGTH - 1]) != NULL, "%s", mid);
    }
}
END_TEST

START_TEST(test_garbage_is_no_message_id)
{
    static const char *const garbage[] = {
        "", "m_", "m_!!", "mid.", "mid.1:", "mid.$cAA", "mid.:0123456789abcdef01",
        "mid.99999999999999999999999999999999999999999999999999999999999999999999999999999999:0123456789abcdef01",
        "mid.1457764197618:0123456789abcdeg01", "mid.$cAA12345678901234567890123456",
    };

    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
        ck_assert_uint_eq(mid_read(42, garbage[i], strlen(garbage[i])), 0);
}
END_TEST

START_TEST(test_ids_have_their_digits)
{
    char text[UINT64_SIZE];

    for (unsigned digits = 2; digits <= 18; digits++)
        for (uint64_t n = 0; n < 200; n++)
            ck_assert_uint_eq(format_uint64(text, id_number(1, 2, n, digits)), digits);
    ck_assert_uint_eq(digits_read("12345", 5), 12345);
    ck_assert_uint_eq(digits_read("12a45", 5), 0);
    ck_assert_uint_eq(digits_read("", 0), 0);
    ck_assert_uint_eq(digits_read("1234567890123456789", 19), 0);
    ck_assert_uint_eq(id_number(1, ID_PSID, 0, 17), id_number(1, ID_PSID, 0, 17));
    ck_assert_uint_ne(id_number(1, ID_PSID, 0, 17), id_number(2, ID_PSID, 0, 17));
}
END_TEST

/* ---- maps --------------------------------------------------------------------------------------------------------------------- */

START_TEST(test_map)
{
    static char keys[5000][16];
    struct map map = { 0 };

    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(keys[i], sizeof keys[i], "key%u", i);
        ck_assert_uint_eq(map_get(&map, str_of(keys[i])), MAP_NONE);
        map_put(&map, str_of(keys[i]), i);
    }
    for (uint32_t i = 0; i < 5000; i += 2)
        map_drop(&map, str_of(keys[i]));
    for (uint32_t i = 0; i < 5000; i++)
        ck_assert_uint_eq(map_get(&map, str_of(keys[i])), i % 2 == 0 ? MAP_NONE : i);
    for (unsigned round = 0; round < 20; round++) /* dropped slots are used again */
        for (uint32_t i = 0; i < 5000; i += 2) {
            map_put(&map, str_of(keys[i]), i);
            map_drop(&map, str_of(keys[i]));
        }
    map_put(&map, str_of(keys[1]), 7);
    ck_assert_uint_eq(map_get(&map, str_of(keys[1])), 7);
    map_fini(&map);
}
END_TEST

static uint64_t
key_at(const void *keys, uint32_t index)
{
    return ((const uint64_t *)keys)[index];
}

START_TEST(test_idmap)
{
    enum { COUNT = 20000 };
    static uint64_t keys[COUNT];
    struct idmap map = { 0 };

    ck_assert_uint_eq(idmap_get(&map, 5, key_at, keys), MAP_NONE);
    for (uint32_t i = 0; i < COUNT; i++) {
        keys[i] = (uint64_t)(i + 1) * 1000003;
        idmap_add(&map, keys[i], i);
    }
    for (uint32_t i = 0; i < COUNT; i++)
        ck_assert_uint_eq(idmap_get(&map, keys[i], key_at, keys), i);
    ck_assert_uint_eq(idmap_get(&map, 4, key_at, keys), MAP_NONE);
    ck_assert_uint_eq(idmap_get(&map, 0, key_at, keys), MAP_NONE);
    idmap_fini(&map);
}
END_TEST

/* ---- logs ----------------------------------------------------------------------------------------------------------------------- */

START_TEST(test_log_keeps_and_forgets)
{
    struct log log;
    uint64_t number;
    size_t n;

    log_init(&log, 600 * 1024);
    ck_assert_uint_eq(log_first(&log), 1);
    for (unsigned i = 1; i <= 20000; i++) {
        char *record = log_append(&log, 100 + i % 7, &number);
        ck_assert_uint_eq(number, i);
        memset(record, (int)(i % 251), 100 + i % 7);
    }
    ck_assert_uint_gt(log_first(&log), 1);
    ck_assert_ptr_null(log_get(&log, log_first(&log) - 1, &n));
    ck_assert_ptr_null(log_get(&log, 20001, &n));
    ck_assert_ptr_null(log_get(&log, 0, &n));
    for (uint64_t i = log_first(&log); i <= 20000; i++) {
        const unsigned char *record = log_get(&log, i, &n);

        ck_assert_uint_eq(n, 100 + i % 7);
        ck_assert_uint_eq(record[0], i % 251);
        ck_assert_uint_eq(record[n - 1], i % 251);
    }
    char *large = log_append(&log, 1 << 20, &number); /* larger than a segment, larger than the cap */
    memset(large, 1, 1 << 20);
    ck_assert_ptr_nonnull(log_get(&log, number, &n));
    ck_assert_uint_eq(n, 1 << 20);
    log_fini(&log);
}
END_TEST

/* ---- the outbox ------------------------------------------------------------------------------------------------------------------ */

static void
note_timer(struct world *world, const struct outbox_item *item)
{
    (void)world;
    (void)item;
}

START_TEST(test_outbox_order)
{
    struct outbox outbox = { 0 };
    struct outbox_item item;
    ms_t last_due = -1;
    uint64_t last_seq = 0;

    ck_assert_int_eq(outbox_next_due(&outbox), MS_ALWAYS);
    for (uint64_t i = 0; i < 3000; i++)
        outbox_push_timer(&outbox, (ms_t)(i * 7919 % 101), note_timer, i, 0);
    ck_assert(!outbox_pop(&outbox, -1, &item));
    for (unsigned i = 0; i < 3000; i++) {
        ck_assert(outbox_pop(&outbox, 1000, &item));
        ck_assert(item.due > last_due || (item.due == last_due && item.seq > last_seq));
        last_due = item.due;
        last_seq = item.seq;
    }
    ck_assert(!outbox_pop(&outbox, 1000, &item));
    outbox_push_delivery(&outbox, 5, delivery_new(0, 0, FIELD_MESSAGES, "message", "{}", 2));
    outbox_fini(&outbox); /* frees what still waits */
}
END_TEST

/* ---- the world --------------------------------------------------------------------------------------------------------------------- */

static struct world *
shop(void)
{
    struct world *w = world_new("shop", 1, 0, NOW);

    ck_assert_ptr_nonnull(world_add_app(w, NULL, NULL, NULL, NULL));
    ck_assert_ptr_nonnull(world_add_page(w, NULL, NULL, NULL));
    return w;
}

START_TEST(test_same_seed_same_ids)
{
    struct world *a = shop(), *b = shop(), *c = world_new("c", 1, 1, NOW);

    world_add_app(c, NULL, NULL, NULL, NULL);
    ck_assert_str_eq(a->apps[0]->id, b->apps[0]->id);
    ck_assert_str_eq(a->apps[0]->secret, b->apps[0]->secret);
    ck_assert_str_eq(a->pages[0]->id, b->pages[0]->id);
    ck_assert_uint_eq(world_add_thread(a, 0, 0)->psid, world_add_thread(b, 0, 0)->psid);
    ck_assert_str_ne(a->apps[0]->id, c->apps[0]->id);
    world_free(&a);
    world_free(&b);
    world_free(&c);
    world_free(&c);
}
END_TEST

START_TEST(test_taken_ids_are_refused)
{
    struct world *w = shop();

    ck_assert_ptr_null(world_add_app(w, w->apps[0]->id, NULL, NULL, NULL));
    ck_assert_ptr_null(world_add_page(w, w->pages[0]->id, NULL, NULL));
    ck_assert_ptr_nonnull(world_add_thread(w, 0, 12345));
    ck_assert_ptr_null(world_add_thread(w, 0, 12345));
    ck_assert_ptr_null(world_add_credential(w, CREDENTIAL_PAGE, 0, 0, w->apps[0]->access_token));
    ck_assert_ptr_nonnull(world_add_node(w, NODE_LABEL, "77", 0));
    ck_assert_ptr_null(world_add_node(w, NODE_COMMENT, "77", 0));
    world_free(&w);
}
END_TEST

START_TEST(test_people)
{
    struct world *w = shop();
    struct thread *ann = world_add_thread(w, 0, 0);
    char psid[UINT64_SIZE], conversation[CONVERSATION_ID_SIZE];
    struct person person;

    format_uint64(psid, ann->psid);
    thread_set_alias(w, ann, "ann");
    thread_set_alias(w, ann, "anna");
    ck_assert_ptr_eq(world_find_person(w, STR("anna")), ann);
    ck_assert_ptr_null(world_find_person(w, STR("ann")));
    ck_assert_ptr_eq(world_find_person(w, str_of(psid)), ann);
    thread_conversation_id(ann, conversation);
    ck_assert_ptr_eq(world_find_conversation(w, str_of(conversation)), ann);
    ck_assert_ptr_null(world_find_conversation(w, STR("t_1")));
    ck_assert_ptr_null(world_find_conversation(w, STR("x")));
    thread_person(w, ann, &person);
    ck_assert_str_ne(person.first_name, "");
    ck_assert_str_eq(person.alias, "anna");
    world_free(&w);
}
END_TEST

/* A thread is idle again 24 hours after the person's last message, unless control was extended. */
START_TEST(test_thread_owner)
{
    struct world *w = shop();
    struct thread *ann = world_add_thread(w, 0, 0);

    ck_assert_uint_eq(thread_owner(w, ann), INDEX_NONE);
    ann->last_message = NOW;
    thread_extra(ann)->owner = 0;
    ck_assert_uint_eq(thread_owner(w, ann), 0);
    world_set_now(w, NOW + DAY - 1);
    ck_assert_uint_eq(thread_owner(w, ann), 0);
    world_set_now(w, NOW + DAY);
    ck_assert_uint_eq(thread_owner(w, ann), INDEX_NONE);
    thread_extra(ann)->owner_until = NOW + 2 * DAY;
    ck_assert_uint_eq(thread_owner(w, ann), 0);
    world_set_now(w, NOW + 2 * DAY);
    ck_assert_uint_eq(thread_owner(w, ann), INDEX_NONE);
    world_free(&w);
}
END_TEST

START_TEST(test_messages)
{
    struct world *w = shop();
    struct thread *ann = world_add_thread(w, 0, 0);
    uint64_t first = world_add_message(w, ann, INDEX_NONE, 0, STR("{\"text\":\"a\"}"));
    uint64_t second = world_add_message(w, ann, 0, MESSAGE_FROM_PAGE, STR("{}")), found;
    char mid[MID_SIZE];

    world_mid(w, second, mid);
    ck_assert_uint_eq(ann->newest, second);
    ck_assert_uint_eq(ann->message_count, 2);
    ck_assert_uint_eq(world_message(w, second)->previous, first);
    ck_assert_str_eq(world_message(w, first)->text, "{\"text\":\"a\"}");
    ck_assert_ptr_eq(world_find_mid(w, str_of(mid), &found), world_message(w, second));
    ck_assert_uint_eq(found, second);
    ck_assert_ptr_null(world_find_mid(w, STR("m_nothing"), NULL));
    world_free(&w);
}
END_TEST

/* Ids of people that webhooks show as numbers, until May 2016, are exact in JavaScript. */
START_TEST(test_early_people_have_exact_ids)
{
    for (int late = 0; late < 2; late++) {
        struct world *w = world_new("w", 1, 0, CIVIL(2016, 6, 1) - 1 + late);
        world_add_page(w, NULL, NULL, NULL);

        for (int i = 0; i < 200; i++)
            ck_assert_int_eq(world_add_thread(w, 0, 0)->psid <= UINT64_C(9007199254740991), !late);
        world_free(&w);
    }
}
END_TEST

/* The form goes with the date at which the message was written, and stays. */
START_TEST(test_message_ids_by_date)
{
    static const struct {
        ms_t at;
        const char *prefix;
        size_t length;
    } rows[] = {
        {CIVIL(2016, 4, 12), "mid.1460419200000:", 36},
        {CIVIL(2017, 3, 1) - 1, "mid.1488326399999:", 36},
        {CIVIL(2017, 3, 1), "mid.$cAA", 34},
        {CIVIL(2018, 8, 1) - 1, "mid.$cAA", 34}, /* still so in captures of 27 June 2018 */
        {CIVIL(2018, 8, 1), "", 86},             /* so in one of 22 August */
        {CIVIL(2020, 1, 1) - 1, "", 86},
        {CIVIL(2020, 1, 1), "m_", 88},
    };
    char mid[MID_SIZE], wrong[MID_SIZE];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world *w = world_new("w", 1, 0, rows[i].at);
        world_add_page(w, NULL, NULL, NULL);
        struct thread *ann = world_add_thread(w, 0, 0);
        uint64_t number = world_add_message(w, ann, INDEX_NONE, 0, STR("{}"));
        world_set_now(w, rows[i].at + 1000 * DAY);
        world_mid(w, number, mid);
        ck_assert_msg(strlen(mid) == rows[i].length && strncmp(mid, rows[i].prefix, strlen(rows[i].prefix)) == 0, "%zu: %s", i, mid);
        ck_assert_ptr_nonnull(world_find_mid(w, str_of(mid), NULL));
        memcpy(wrong, mid, sizeof wrong);
        if (rows[i].length == 36) { /* another instant is another id */
            wrong[5] = wrong[5] == '1' ? '2' : '1';
            ck_assert_ptr_null(world_find_mid(w, str_of(wrong), NULL));
        }
        world_free(&w);
    }
}
END_TEST

START_TEST(test_nodes)
{
    struct world *w = shop();
    struct node *label = world_add_node(w, NODE_LABEL, NULL, 0);

    ck_assert_ptr_eq(world_find_node(w, NODE_LABEL, str_of(label->id)), label);
    ck_assert_ptr_null(world_find_node(w, NODE_COMMENT, str_of(label->id)));
    ck_assert_ptr_eq(world_node(w, label->index), label);
    ck_assert_ptr_null(world_node(w, 99));
    node_set_text(label, STR("VIP"));
    node_set_text(label, STR("VIPs"));
    node_set_text2(label, STR("x"));
    ck_assert_str_eq(label->text, "VIPs");
    label->is_deleted = true;
    ck_assert_ptr_null(world_any_node(w, str_of(label->id)));
    for (unsigned kind = 0; kind < NODE_KIND_COUNT; kind++)
        ck_assert_ptr_nonnull(world_add_node(w, (enum node_kind)kind, NULL, 0));
    world_free(&w);
}
END_TEST

START_TEST(test_page_texts)
{
    struct world *w = shop();
    struct page *page = w->pages[0];

    ck_assert_ptr_null(page_text(page, "a"));
    page_set_text(page, "a", STR_NONE);
    page_set_text(page, "p/a", STR("1"));
    page_set_text(page, "q", STR("2"));
    page_set_text(page, "p/b", STR("3"));
    page_set_text(page, "p/a", STR("4"));
    ck_assert_str_eq(page_text(page, "p/a"), "4");
    ck_assert_str_eq(page_text_key(page, "p/", 1), "p/b");
    ck_assert_ptr_null(page_text_key(page, "p/", 2));
    page_set_text(page, "p/a", STR_NONE);
    ck_assert_ptr_null(page_text(page, "p/a"));
    world_free(&w);
}
END_TEST

START_TEST(test_apps_of_a_page)
{
    struct world *w = shop();
    struct page_app *on = page_connect_app(w->pages[0], 0);

    ck_assert_ptr_eq(page_connect_app(w->pages[0], 0), on);
    ck_assert_ptr_eq(page_find_app(w->pages[0], 0), on);
    ck_assert_ptr_null(page_find_app(w->pages[0], 1));
    ck_assert_uint_eq(world_find_page(w, str_of(w->pages[0]->username)), 0);
    ck_assert_uint_eq(world_find_app(w, STR("1")), INDEX_NONE);
    world_free(&w);
}
END_TEST

START_TEST(test_outside)
{
    struct world *w = shop();

    ck_assert_ptr_null(world_url_answer(w, STR("https://a.example/")));
    world_set_url_answer(w, "https://a.example/", "unreachable");
    world_set_url_answer(w, "https://b.example/", "image/png");
    ck_assert_str_eq(world_url_answer(w, STR("https://a.example/")), "unreachable");
    world_free(&w);
}
END_TEST

static void
keep_line(void *to, const char *line, size_t n)
{
    snprintf(to, 512, "%.*s", (int)n, line);
}

START_TEST(test_journal)
{
    struct world *w = shop();
    char line[512] = "", streamed[512] = "";

    w->on_record = keep_line;
    w->record_sink = streamed;
    ck_assert_uint_eq(world_record(w, "note", STR(",\"note\":\"x\"}")), 1);
    ck_assert_str_eq(streamed, "{\"seq\":1,\"at\":\"2024-03-04T00:00:00.000Z\",\"world\":\"shop\",\"kind\":\"note\",\"note\":\"x\"}");
    ck_assert(world_journal_read(w, 1, keep_line, line));
    ck_assert_str_eq(line, streamed);
    ck_assert(!world_journal_read(w, 2, keep_line, line));
    ck_assert_uint_eq(world_journal_first(w), 1);
    ck_assert_uint_eq(world_journal_next(w), 2);
    world_free(&w);
}
END_TEST

START_TEST(test_policy_date)
{
    struct world *w = shop();

    ck_assert_int_eq(world_policy_date(w), NOW);
    w->policy_date_is_clock = false;
    w->policy_date = CIVIL(2019, 1, 1);
    ck_assert_int_eq(world_policy_date(w), CIVIL(2019, 1, 1));
    world_free(&w);
}
END_TEST

START_TEST(test_names)
{
    ck_assert_uint_eq(permission_named(STR("pages_messaging")), PERM_PAGES_MESSAGING);
    ck_assert_uint_eq(permission_named(STR("nonsense")), 0);
    ck_assert_ptr_null(permission_name(14));
    ck_assert_str_eq(credential_kind_text(CREDENTIAL_SYSTEM_USER), "system_user");
    ck_assert_str_eq(credential_state_text(TOKEN_PASSWORD_CHANGED), "password_changed");
    ck_assert_uint_eq(webhook_field_named("messages", 8), FIELD_MESSAGES);
    ck_assert_uint_eq(webhook_field_named("message", 7), FIELD_COUNT);
    ck_assert_int_eq(webhook_field_container(FIELD_FEED), CONTAINER_CHANGES);
    ck_assert_str_eq(webhook_field_name(FIELD_STANDBY), "standby");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = { test_message_ids_are_base64, test_garbage_is_no_message_id, test_message_ids_by_date, test_early_people_have_exact_ids, test_ids_have_their_digits, test_map, test_idmap,
                                          test_log_keeps_and_forgets, test_outbox_order, test_same_seed_same_ids, test_taken_ids_are_refused,
                                          test_people, test_thread_owner, test_messages, test_nodes, test_page_texts, test_apps_of_a_page,
                                          test_outside, test_journal, test_policy_date, test_names };
    Suite *suite = suite_create("world");
    TCase *tc = tcase_create("world");

    suite_add_tcase(suite, tc);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tc, tests[i]);
    tcase_add_loop_test(tc, test_message_ids_are_reversible, 0, sizeof mid_rows / sizeof *mid_rows);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
