/* test_control - what a subcommand asks of a daemon, which runs here on a thread of its own. */
#include <grp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/require.h"
#include "command/control.h"
#include "http/server.h"
#include "scratch_folder.h"

#define NOBODY 65534
#define BIG    (20 * 1024 * 1024)

/* ---- a daemon: from start to /stop everything of it belongs to its thread */

struct daemon {
    struct loop *loop;
    struct http_server *server;
    struct http_exchange *held;
    pthread_t thread;
    char *folder;
    char path[64];
    char last[200]; /* the last request, for when it has been answered */
    bool is_running;
};

static void on_request(void *context, struct http_exchange *exchange,
                       const struct http_request *request)
{
    struct daemon *daemon = context;
    const char *type = http_request_header(request, "content-type");
    snprintf(daemon->last, sizeof daemon->last, "%s %s?%s %s %s", request->method, request->path,
             request->query, type != NULL ? type : "-", request->body);
    if (daemon->held != NULL) /* by the next request: nobody waits any more */
        http_respond(daemon->held, 200, NULL, 0, "", 0);
    daemon->held = NULL;
    if (strcmp(request->path, "/stop") == 0)
        http_server_stop(daemon->server, NULL, NULL);
    if (strcmp(request->path, "/hold") == 0) {
        daemon->held = exchange;
        return;
    }
    if (strcmp(request->path, "/big") == 0) {
        char *big = memory_zeroed(BIG, 1);
        http_respond(exchange, 200, NULL, 0, big, BIG);
        free(big);
    } else
        http_respond(exchange, strcmp(request->path, "/no") == 0 ? 409 : 200, NULL, 0,
                     request->body, request->body_length);
}

static void write_error(void *context, int status, const char *reason, struct buffer *body)
{
    (void)context;
    buffer_format(body, "%d %s", status, reason);
}

static void *run(void *context)
{
    struct daemon *daemon = context;
    loop_run(daemon->loop);
    return NULL;
}

static void start(struct daemon *daemon)
{
    static const struct http_limits limits = {.header_bytes = 16384,
                                              .headers = 64,
                                              .body_bytes = 65536,
                                              .header_timeout_ms = 60000,
                                              .body_timeout_ms = 60000,
                                              .idle_timeout_ms = 60000,
                                              .connections = 100};
    struct http_handler handler = {
        .context = daemon, .on_request = on_request, .write_error = write_error};
    struct error error = {0};
    char listen[80];
    snprintf(listen, sizeof listen, "unix:%s", daemon->path);
    daemon->server = http_server_start(daemon->loop, listen, &limits, &handler, &error);
    require(daemon->server != NULL);
    require(pthread_create(&daemon->thread, NULL, run, daemon) == 0);
    daemon->is_running = true;
}

static bool ask(struct daemon *daemon, const char *method, const char *target, const char *json,
                struct control_answer *answer, struct error *error)
{
    struct control_request request = {.method = method, .target = target, .json = json};
    return control_ask(daemon->path, &request, answer, error);
}

static void stop(struct daemon *daemon)
{
    CLEANUP(control_answer_deinit) struct control_answer answer = {0};
    struct error error = {0};
    require(ask(daemon, "POST", "/stop", NULL, &answer, &error));
    require(pthread_join(daemon->thread, NULL) == 0);
    daemon->is_running = false;
}

static int set_up(void **state)
{
    struct daemon *daemon = memory_zeroed(1, sizeof *daemon);
    alarm(120);
    setenv("LC_ALL", "C.UTF-8", 1);
    daemon->loop = loop_create();
    daemon->folder = scratch_folder_create();
    snprintf(daemon->path, sizeof daemon->path, "%s/handoffd.sock", daemon->folder);
    *state = daemon;
    return 0;
}

static int tear_down(void **state)
{
    struct daemon *daemon = *state;
    if (daemon->is_running)
        stop(daemon);
    loop_destroy(daemon->loop);
    scratch_folder_remove(daemon->folder);
    free(daemon);
    return 0;
}

/* ---- answers */

static void gives_the_answer_of_the_daemon(void **state)
{
    struct daemon *daemon = *state;
    struct error error = {0};
    static const struct {
        const char *method;
        const char *target;
        const char *json;
        int status;
        const char *body;
        const char *seen;
    } cases[] = {
        {"GET", "/handoffs?state=held", NULL, 200, "", "GET /handoffs?state=held - "},
        {"POST", "/retry", "{\"id\":\"ho_1\"}", 200, "{\"id\":\"ho_1\"}",
         "POST /retry? application/json {\"id\":\"ho_1\"}"},
        {"POST", "/reload", NULL, 200, "", "POST /reload? - "},
        {"POST", "/no", "\"why\"", 409, "\"why\"", "POST /no? application/json \"why\""},
    };
    start(daemon);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(control_answer_deinit) struct control_answer answer = {0};
        assert_true(ask(daemon, cases[i].method, cases[i].target, cases[i].json, &answer, &error));
        assert_int_equal(answer.status, cases[i].status);
        assert_string_equal(answer.body, cases[i].body);
        assert_int_equal(answer.body_length, strlen(cases[i].body));
        assert_string_equal(daemon->last, cases[i].seen);
    }
}

static void takes_a_large_answer(void **state)
{
    struct daemon *daemon = *state;
    CLEANUP(control_answer_deinit) struct control_answer answer = {0};
    struct error error = {0};
    start(daemon);
    assert_true(ask(daemon, "GET", "/big", NULL, &answer, &error));
    assert_int_equal(answer.body_length, BIG);
}

/* ---- errors in words */

struct words {
    const char *english;
    const char *spanish;
};

static void expect_words(struct daemon *daemon, const struct control_request *request,
                         const struct words *words)
{
    const struct words languages = {"C.UTF-8", "es_MX.UTF-8"};
    const char *const expected[] = {words->english, words->spanish};
    const char *const language[] = {languages.english, languages.spanish};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        struct control_answer answer = {.status = 1};
        struct error error = {0};
        setenv("LC_ALL", language[i], 1);
        assert_false(control_ask(daemon->path, request, &answer, &error));
        assert_int_equal(answer.status, 0);
        assert_null(answer.body);
        if (strstr(error.message, expected[i]) == NULL ||
            strstr(error.message, daemon->path) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", error.message, expected[i]);
    }
    setenv("LC_ALL", "C.UTF-8", 1);
}

static const struct control_request anything = {.method = "GET", .target = "/handoffs"};

static void asks_whether_it_runs_where_nobody_answers(void **state)
{
    static const struct words words = {
        "no handoffd answers at /tmp/",
        "ningún handoffd responde en /tmp/",
    };
    static const struct words questions = {
        "is it running, with the same vendors.yaml?",
        "¿está en marcha, con el mismo vendors.yaml?",
    };
    struct daemon *daemon = *state;
    char aside[80];
    snprintf(aside, sizeof aside, "%s.aside", daemon->path);
    expect_words(daemon, &anything, &words);
    expect_words(daemon, &anything, &questions);
    start(daemon);
    require(link(daemon->path, aside) == 0); /* as kill -9 leaves it */
    stop(daemon);
    require(rename(aside, daemon->path) == 0);
    expect_words(daemon, &anything, &words);
}

/* Root may always, so it becomes nobody for a while; others are shut out by the mode. */
static void become_nobody(void)
{
    if (geteuid() == 0)
        require(seteuid(NOBODY) == 0);
}

static void become_oneself(void)
{
    require(seteuid(getuid()) == 0);
}

static void says_whom_to_ask_where_the_user_may_not(void **state)
{
    struct daemon *daemon = *state;
    char english[200];
    char spanish[200];
    start(daemon);
    const struct group *group = getgrgid(getegid());
    require(group != NULL);
    snprintf(english, sizeof english, "use sudo, or join the group %s", group->gr_name);
    snprintf(spanish, sizeof spanish, "usa sudo, o entra al grupo %s", group->gr_name);
    const struct words words = {english, spanish};
    const struct words alone = {": use sudo", ": usa sudo"};
    require(chmod(daemon->path, 0) == 0 && chmod(daemon->folder, 0711) == 0);
    become_nobody();
    expect_words(daemon, &anything, &words);
    become_oneself();
    require(chmod(daemon->folder, 0) == 0); /* no look at the socket either */
    become_nobody();
    expect_words(daemon, &anything, &alone);
    become_oneself();
    require(chmod(daemon->folder, 0700) == 0 && chmod(daemon->path, 0660) == 0);
}

static void says_that_it_may_be_done_where_the_answer_does_not_come(void **state)
{
    static const struct words words = {
        "did not answer to the end, so what was asked may be done: ",
        "no terminó de responder, así que lo pedido puede estar hecho: ",
    };
    struct daemon *daemon = *state;
    struct control_request slow = {.method = "POST", .target = "/hold", .timeout_ms = 30};
    struct control_answer answer = {0};
    struct error error = {0};
    start(daemon);
    expect_words(daemon, &slow, &words);
    assert_true(ask(daemon, "GET", "/handoffs", NULL, &answer, &error)); /* it still answers */
    control_answer_deinit(&answer);
}

static void says_what_is_wrong_with_the_question(void **state)
{
    static const struct words words = {
        "could not be asked: the method \"PUT\" is neither GET nor POST",
        "no se pudo preguntar a handoffd en",
    };
    struct daemon *daemon = *state;
    struct control_request wrong = {.method = "PUT", .target = "/handoffs"};
    start(daemon);
    expect_words(daemon, &wrong, &words);
}

static void says_that_a_path_is_too_long(void **state)
{
    (void)state;
    struct control_answer answer = {0};
    struct error error = {0};
    char path[150];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_false(control_ask(path, &anything, &answer, &error));
    assert_non_null(strstr(error.message, "at most 107 bytes, this one has 149: ppp"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gives_the_answer_of_the_daemon),
        TEST(takes_a_large_answer),
        TEST(asks_whether_it_runs_where_nobody_answers),
        TEST(says_whom_to_ask_where_the_user_may_not),
        TEST(says_that_it_may_be_done_where_the_answer_does_not_come),
        TEST(says_what_is_wrong_with_the_question),
        TEST(says_that_a_path_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
