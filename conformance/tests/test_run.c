/* understudy run, replay and exec as a user sees them: goldens of what they print, exit codes, determinism.
 * Goldens are written anew when GOLDENS=write is in the environment. */
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/alloc.h"

static const char data[] = "conformance/tests/data/run";
static char folder[64];

static void
set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/understudy-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
tear_down(void)
{
    char command[100];

    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

/* Runs a shell command in which $U is the program and $D a fresh folder; what it prints comes back, its exit code in
 * `*code`. */
static char *
shell(const char *command, int *code)
{
    const char *program = getenv("UNDERSTUDY"), *build = getenv("UNDERSTUDY_BUILD");
    char *line = alloc_print("U='%s' B='%s' D='%s'; { %s\n} 2>&1",
                             program == NULL ? "build/understudy" : program,
                             build == NULL ? "build" : build, folder, command);
    char *out = alloc_zero(1, 1);
    size_t length = 0, got;
    char buffer[4096];
    FILE *pipe = popen(line, "r"); /* NOLINT: a test may use a shell */

    ck_assert_ptr_nonnull(pipe);
    while ((got = fread(buffer, 1, sizeof buffer, pipe)) > 0) {
        out = alloc_checked(realloc(out, length + got + 1));
        memcpy(out + length, buffer, got);
        length += got;
        out[length] = '\0';
    }
    int status = pclose(pipe);
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    free(line);
    return out;
}

static char *
read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = alloc_zero(200000, 1);

    if (file != NULL) {
        text[fread(text, 1, 199999, file)] = '\0';
        fclose(file);
    }
    return text;
}

static int
is_scenario(const struct dirent *entry)
{
    return strstr(entry->d_name, ".scn") != NULL;
}

/* Each scenario prints what its golden says, exit code first. */
START_TEST(scenarios_print_their_goldens)
{
    struct dirent **entries;
    int count = scandir(data, &entries, is_scenario, alphasort);
    size_t wrong = 0;

    ck_assert_int_gt(count, 0);
    for (int i = 0; i < count; i++) {
        char *path = alloc_print("%s/%s", data, entries[i]->d_name);
        char *golden_path = alloc_print("%.*s.out", (int)(strlen(path) - 4), path);
        char *command = alloc_print("$U run %s", path);
        int code;
        char *out = shell(command, &code);
        char *got = alloc_print("exit %d\n%s", code, out);
        char *golden = read_file(golden_path);

        if (getenv("GOLDENS") != NULL) {
            FILE *file = fopen(golden_path, "w");
            ck_assert_ptr_nonnull(file);
            fputs(got, file);
            fclose(file);
        } else if (strcmp(got, golden) != 0) {
            printf("---- %s: expected\n%s---- got\n%s", path, golden, got);
            wrong++;
        }
        free(golden);
        free(got);
        free(out);
        free(command);
        free(golden_path);
        free(path);
        free(entries[i]);
    }
    free(entries);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Commands, their exit codes, and what must stand in what they print. */
static const struct {
    const char *command;
    int code;
    const char *part;
} commands[] = {
    {"$U run", 2, "understudy run: no scenario given; type: understudy run scenarios"},
    {"$U run --frob", 2,
     "understudy run: unknown or incomplete option `--frob`; see: understudy run --help"},
    {"$U run --seed", 2,
     "understudy run: a value is missing after `--seed`; see: understudy run --help"},
    {"$U run -j 0 x.scn", 2, "bad --jobs `0`, expected a number from 1 to 64"},
    {"$U run --seed one x.scn", 2, "bad --seed `one`, expected a number from 0 to 2147483647"},
    {"$U run --api 19 x.scn", 2, "bad --api `19`, expected v19.0 or the like"},
    {"$U run --client a --webhook http://b x.scn", 2,
     "both --client and --webhook, expected one of them"},
    {"$U run --webhook b x.scn", 2, "bad --webhook `b`, expected http://HOST:PORT/PATH"},
    {"$U run --format yaml x.scn", 2, "bad --format"},
    {"$U run nowhere.scn", 2,
     "nowhere.scn: No such file or directory, expected a .scn file or a folder of them"},
    {"$U run $D", 2, "no scenario in it, expected files that end in .scn"},
    {"$U run --help", 0, "usage: understudy run [options] PATH..."},
    {"$U run --verbs", 0, "| `scenario \"TITLE\"` |"},
    {"$U run --check conformance/tests/data/run", 0, "scenarios read and checked"},
    {"printf 'scenario \"A\"\\npage shop\\nsya x\\nexpect rule X\\n' >$D/a.scn; "
     "cp conformance/tests/data/run/pass.scn $D/b.scn; $U run $D/b.scn $D/a.scn",
     2, "a.scn:3: unknown verb `sya`, did you mean `say`?"},
    {"printf 'scenario \"A\"\\ncovers WIN-STD-24\\npage shop\\nuser ann shop\\nsay ann \"x\"\\n' "
     ">$D/a.scn; "
     "$U run $D/a.scn",
     2, "a.scn:2: unknown rule `WIN-STD-24`, did you mean `WIN-STD-24H`?"},
    {"printf 'scenario \"A\"\\npage shop\\nuser ann shop\\nact tap ann\\nact read ann { \"x\": 1 "
     "}\\n' >$D/a.scn; "
     "$U run $D/a.scn",
     2, "a.scn:5: the act `read` has no field `x`, see GET /_sim/acts"},
    {"$U replay", 2, "understudy replay: no recording given"},
    {"$U replay --tail soon x", 2, "bad --tail `soon`, expected +1d or the like"},
    {"printf '{}\\n' >$D/r.jsonl; $U replay $D/r.jsonl", 2, "r.jsonl:1: no header, expected"},
    {"$U replay --journal-inputs $D/none", 2, "none: cannot be read: No such file or directory"},
    {"printf 'x\\n' >$D/j; $U replay --journal-inputs $D/j", 2, "/j:1: "},
    {"printf '{\"seq\":1,\"kind\":\"act\"}\\n' >$D/j; $U replay --journal-inputs $D/j", 2,
     "/j:1: a record before its world"},
    {"$U exec", 2, "understudy exec: no command given; type: understudy exec -- COMMAND..."},
    {"$U exec -- no-such-program-anywhere", 2,
     "cannot start no-such-program-anywhere: No such file or directory"},
    {"$U exec -- sh -c 'exit 7'", 7, ""},
    {"$U exec -- sh -c 'kill -TERM $$'", 143, ""},
    {"$U exec -- sh -c 'test -n \"$PAGE_ID\" && test -n \"$WEBHOOK_PORT\" && "
     "curl -sf --noproxy \"*\" \"$GRAPH_API_BASE/me?access_token=$PAGE_ACCESS_TOKEN\"'",
     0, "\"id\":"},
    /* without any option a client that only knows graph.facebook.com comes to us */
    {"$U exec -- sh -c 'echo set: $(env | grep -cE "
     "\"^(GRAPH_API_BASE|GRAPH_API_BASE_TLS|PAGE_ID|PAGE_ACCESS_TOKEN|"
     "APP_ID|APP_SECRET|VERIFY_TOKEN|WEBHOOK_PORT|HTTPS_PROXY|NO_PROXY|SSL_CERT_FILE|NODE_EXTRA_CA_"
     "CERTS|"
     "REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_OPTIONS|PHP_INI_SCAN_DIR|JAVA_TOOL_OPTIONS)=.\") of "
     "17'",
     0, "set: 17 of 17"},
    {"$U exec -- sh -c 'grep -h cafile ${PHP_INI_SCAN_DIR#:}/*.ini; echo $SSL_CERT_FILE'", 0,
     "openssl.cafile=\"/"},
    {"$U exec -- sh -c 'curl -s "
     "\"https://graph.facebook.com/v19.0/me?access_token=$PAGE_ACCESS_TOKEN\"'",
     0, "\"id\":"},
    {"$U exec -- sh -c 'curl -s https://example.com/'", 56, "the proxy refused example.com:443"},
};

START_TEST(commands_end_as_they_should)
{
    int code;
    char *out = shell(commands[_i].command, &code);

    ck_assert_msg(code == commands[_i].code, "%s: exit %d\n%s", commands[_i].command, code, out);
    ck_assert_msg(strstr(out, commands[_i].part) != NULL, "%s:\n%s", commands[_i].command, out);
    free(out);
}
END_TEST

/* Nothing runs when one file of many is bad. */
START_TEST(all_is_read_before_anything_runs)
{
    int code;
    char *out = shell("printf 'scenario \"A\"\\noops\\n' >$D/z.scn; $U run "
                      "conformance/tests/data/run/pass.scn $D/z.scn",
                      &code);

    ck_assert_int_eq(code, 2);
    ck_assert_ptr_null(strstr(out, "pass"));
    free(out);
}
END_TEST

/* Scripts and what they print last: `same` when all is as it should be. */
static const char *const sameness[] = {
    /* twice the same journal, byte for byte */
    "$U run --journal $D/1 $S/pass.scn $S/fail_rows.scn $S/blocks_in_a_row.scn >$D/o1; "
    "$U run --journal $D/2 $S/pass.scn $S/fail_rows.scn $S/blocks_in_a_row.scn >$D/o2; "
    "cmp $D/1 $D/2 && cmp $D/o1 $D/o2 && test $(wc -l <$D/1) -gt 20 && echo same",
    /* one at a time and four at a time */
    "$U run -j 1 --journal $D/1 $S/pass.scn $S/fail_*.scn $S/known.scn >$D/o1; "
    "$U run -j 4 --journal $D/2 $S/pass.scn $S/fail_*.scn $S/known.scn >$D/o2; "
    "cmp $D/1 $D/2 && cmp $D/o1 $D/o2 && echo same",
    /* alone and in company */
    "$U run --journal $D/1 $S/pass.scn >$D/o; $U run --journal $D/2 $S/fail_rule.scn $S/pass.scn "
    ">$D/o; "
    "sed 1d $D/1 >$D/3; grep '\"world\":\"conformance.tests.data.run.pass\"' $D/2 | cmp - $D/3 && "
    "echo same",
    /* another seed makes another journal */
    "$U run --seed 1 --journal $D/1 $S/pass.scn >$D/o; $U run --seed 2 --journal $D/2 $S/pass.scn "
    ">$D/o; "
    "cmp -s $D/1 $D/2 || echo same",
    /* the inputs of a journal make the journal again */
    "$U run --journal $D/1 $S/pass.scn $S/fail_rows.scn $S/fail_never.scn $S/fail_act.scn "
    "$S/hooks.scn "
    "$S/blocks_in_a_row.scn >$D/o; "
    "$U replay --journal-inputs $D/1 --journal $D/2 && cmp $D/1 $D/2 && echo same",
    /* and a journal that was tampered with does not */
    "$U run --journal $D/1 $S/pass.scn >$D/o; sed 's/\"text\":\"hello\"/\"text\":\"hallo\"/' $D/1 "
    ">$D/2; "
    "sed -i '/\"kind\":\"act\"/s/hallo/hello/' $D/2; $U replay --journal-inputs $D/2 >$D/o; "
    "test $? = 1 && grep -q DIFFERENT $D/o && echo same",
};

START_TEST(journals_are_the_same)
{
    char *command = alloc_print("S=%s\n%s", data, sameness[_i]);
    int code;
    char *out = shell(command, &code);
    size_t length = strlen(out);

    ck_assert_msg(length >= 5 && strcmp(out + length - 5, "same\n") == 0, "%s:\n%s", sameness[_i],
                  out);
    free(out);
    free(command);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("run");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 120);
    tcase_add_test(all, scenarios_print_their_goldens);
    tcase_add_loop_test(all, commands_end_as_they_should, 0, sizeof commands / sizeof *commands);
    tcase_add_test(all, all_is_read_before_anything_runs);
    tcase_add_loop_test(all, journals_are_the_same, 0, sizeof sameness / sizeof *sameness);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
