/* test_http_server_unix - a server at a UNIX socket: whose file it is, and what becomes of it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/require.h"
#include "http_server_fixture.h"

struct place {
    char path[sizeof((struct sockaddr_un *)0)->sun_path]; /* of the socket */
    char listen[128];
};

static struct place place_in(const struct fixture *fixture)
{
    struct place place;
    snprintf(place.path, sizeof place.path, "%s/handoffd.sock", fixture->folder);
    snprintf(place.listen, sizeof place.listen, "unix:%s", place.path);
    return place;
}

static unsigned mode_of(const char *path)
{
    struct stat status = {0};
    require(lstat(path, &status) == 0);
    return status.st_mode;
}

static bool exists(const char *path)
{
    struct stat status = {0};
    return lstat(path, &status) == 0;
}

/* A socket of that kind bound to the path, as a process leaves it that did not end well. */
static int bind_at(const char *path, int kind)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, kind | SOCK_CLOEXEC, 0);
    require(descriptor >= 0);
    memcpy(address.sun_path, path, strlen(path) + 1);
    require(bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0);
    return descriptor;
}

static void expect_refusal(struct fixture *fixture, const char *listen, const char *words)
{
    struct error error = {0};
    struct http_handler handler = handler_of(fixture);
    assert_null(http_server_start(fixture->loop, listen, &fixture->limits, &handler, &error));
    if (strstr(error.message, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.message, words);
}

/* ---- requests */

static void serves_requests_at_a_file(void **state)
{
    struct fixture *fixture = *state;
    struct place place = place_in(fixture);
    start_at(fixture, place.listen);
    assert_string_equal(http_server_address(fixture->server), place.listen);
    struct client *client =
        open_and_send(fixture, GET("/nothing") POST "Content-Length: 5\r\n\r\nhello");
    wait_for_answers(fixture, client, 2);
    expect_statuses(client, "204 200 ", "unix");
    assert_string_equal(fixture->last.bytes, "POST /echo unix hello");
    client_finish(client);
    wait_for_end(fixture, client);
    client_close(client);
    wait_for_connections(fixture, 0);
}

static void sends_more_than_the_socket_takes_at_once(void **state)
{
    struct fixture *fixture = *state;
    start_at(fixture, place_in(fixture).listen);
    struct client *client = open_and_send(fixture, GET("/big") GET("/2"));
    wait_for_answers(fixture, client, 2);
    expect_statuses(client, "200 200 ", "big");
    client_close(client);
}

static void is_as_strict_and_lets_the_client_read_why(void **state)
{
    struct fixture *fixture = *state;
    start_at(fixture, place_in(fixture).listen);
    struct client *client = open_and_send(fixture, POST "Content-Length: 800000\r\n\r\n");
    client_send(client, fixture->big, 800000);
    wait_for_end(fixture, client);
    expect_statuses(client, "413 ", "too large");
    client_close(client);
    wait_for_connections(fixture, 0);
}

static void survives_a_client_that_hangs_up(void **state)
{
    struct fixture *fixture = *state;
    start_at(fixture, place_in(fixture).listen);
    struct client *client = open_and_send(fixture, GET("/hold") GET("/big"));
    wait_for_held(fixture, 1);
    client_close(client);
    struct client *other = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, other, 1);
    answer_held(fixture, "nobody reads this");
    wait_for_connections(fixture, 1);
    client_close(other);
}

/* Each with its own handler and limits. */
static void runs_beside_a_server_at_a_port(void **state)
{
    struct fixture *fixture = *state;
    struct fixture *other = NULL;
    start(fixture);
    set_up((void **)&other);
    loop_destroy(other->loop);
    other->loop = fixture->loop;
    other->limits.body_bytes = 2;
    start_at(other, place_in(other).listen);
    struct client *at_port = open_and_send(fixture, POST "Content-Length: 5\r\n\r\nhello");
    struct client *at_file = open_and_send(other, POST "Content-Length: 5\r\n\r\nhello");
    wait_for_answers(fixture, at_port, 1);
    wait_for_end(other, at_file);
    expect_statuses(at_port, "200 ", "port");
    expect_statuses(at_file, "413 ", "file");
    assert_int_equal(fixture->requests, 1);
    assert_int_equal(other->requests, 0);
    client_close(at_port);
    client_close(at_file);
    stop(other);
    while (other->stopped == 0)
        turn(fixture);
    other->loop = loop_create();
    tear_down((void **)&other);
}

/* ---- the file */

static void is_for_its_user_and_group_whatever_the_umask(void **state)
{
    static const mode_t masks[] = {0, 0022, 0077, 0777};
    struct fixture *fixture = *state;
    struct place place = place_in(fixture);
    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        mode_t before = umask(masks[i]);
        start_at(fixture, place.listen);
        assert_int_equal(umask(before), masks[i]); /* left as it was */
        assert_int_equal(mode_of(place.path), S_IFSOCK | 0660);
        stop(fixture);
        while (fixture->stopped == 0)
            turn(fixture);
        fixture->stopped = 0;
    }
    fixture->server = NULL;
}

static void removes_its_file_when_it_stops(void **state)
{
    struct fixture *fixture = *state;
    struct place place = place_in(fixture);
    start_at(fixture, place.listen);
    struct client *client = open_and_send(fixture, GET("/hold"));
    wait_for_held(fixture, 1);
    stop(fixture);
    assert_false(exists(place.path)); /* at once: who comes now is not served */
    answer_held(fixture, "");
    wait_for_end(fixture, client);
    expect_statuses(client, "200 ", "held");
    client_close(client);
}

static void leaves_a_file_that_took_its_place(void **state)
{
    struct fixture *fixture = *state;
    struct place place = place_in(fixture);
    start_at(fixture, place.listen);
    require(unlink(place.path) == 0);
    int descriptor = bind_at(place.path, SOCK_STREAM);
    stop(fixture);
    assert_true(exists(place.path));
    close(descriptor);
}

static void takes_the_place_of_a_dead_daemon(void **state)
{
    struct fixture *fixture = *state;
    struct place place = place_in(fixture);
    close(bind_at(place.path, SOCK_STREAM));
    assert_true(exists(place.path));
    start_at(fixture, place.listen);
    struct client *client = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, client, 1);
    client_close(client);
}

static void refuses_where_somebody_answers(void **state)
{
    struct fixture *fixture = *state;
    struct place place = place_in(fixture);
    start_at(fixture, place.listen);
    expect_refusal(fixture, place.listen, "somebody answers there, perhaps another handoffd");
    struct client *client = open_and_send(fixture, GET("/")); /* the first one still does */
    wait_for_answers(fixture, client, 1);
    client_close(client);
}

/* It listens and does not come round to accepting: its queue is full. */
static void refuses_where_somebody_is_too_busy_to_answer(void **state)
{
    struct fixture *fixture = *state;
    struct place place = place_in(fixture);
    int listener = bind_at(place.path, SOCK_STREAM);
    int waiting[8];
    size_t count = 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, place.path, sizeof place.path);
    require(listen(listener, 0) == 0);
    while (count < COUNT_OF(waiting)) {
        waiting[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(waiting[count++], (struct sockaddr *)&address, sizeof address) != 0)
            break;
    }
    expect_refusal(fixture, place.listen, "somebody answers there");
    assert_true(exists(place.path));
    while (count > 0)
        close(waiting[--count]);
    close(listener);
}

static void refuses_to_take_the_place_of_what_is_no_socket_of_its_kind(void **state)
{
    struct fixture *fixture = *state;
    struct place place = place_in(fixture);
    close(open(place.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    expect_refusal(fixture, place.listen, "a file is there that is no socket");
    assert_true(exists(place.path));
    require(unlink(place.path) == 0);
    require(symlink("/nowhere", place.path) == 0);
    expect_refusal(fixture, place.listen, "a file is there that is no socket");
    require(unlink(place.path) == 0);
    int datagrams = bind_at(place.path, SOCK_DGRAM);
    expect_refusal(fixture, place.listen, "Protocol wrong type");
    assert_true(exists(place.path));
    close(datagrams);
}

static void refuses_a_folder_that_is_not_there(void **state)
{
    struct fixture *fixture = *state;
    expect_refusal(fixture, "unix:/nowhere/at/all.sock",
                   "cannot listen at unix:/nowhere/at/all.sock: No such file or directory");
}

/* ---- the form */

static void knows_the_form_and_its_limit(void **state)
{
    (void)state;
    struct error error = {0};
    char listen[200] = "unix:/";
    memset(listen + 6, 'a', 106);
    assert_true(http_listen_is_valid("unix:/run/handoffd.sock", &error));
    assert_true(http_listen_is_valid("unix:data/handoffd.sock", &error));
    assert_true(http_listen_is_valid(listen, &error)); /* 107 bytes */
    listen[112] = 'a';
    assert_false(http_listen_is_valid(listen, &error));
    assert_non_null(strstr(error.message, "at most 107 bytes, this one has 108: /aaa"));
    assert_false(http_listen_is_valid("unix:", &error));
    assert_non_null(strstr(error.message, "unix:/run/handoffd.sock"));
    assert_false(http_listen_is_valid("UNIX:/run/handoffd.sock", &error));
}

static void listens_at_a_path_as_long_as_may_be_and_no_longer(void **state)
{
    struct fixture *fixture = *state;
    struct place place = place_in(fixture);
    size_t most = sizeof place.path - 1;
    size_t length = strlen(place.listen);
    memset(place.listen + length, 'k', sizeof place.listen - length);
    place.listen[strlen("unix:") + most + 1] = '\0';
    expect_refusal(fixture, place.listen, "at most 107 bytes");
    place.listen[strlen("unix:") + most] = '\0';
    start_at(fixture, place.listen);
    assert_string_equal(http_server_address(fixture->server), place.listen);
    struct client *client = open_client(fixture);
    client_send_text(client, GET("/"));
    wait_for_answers(fixture, client, 1);
    client_close(client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(serves_requests_at_a_file),
        TEST(sends_more_than_the_socket_takes_at_once),
        TEST(is_as_strict_and_lets_the_client_read_why),
        TEST(survives_a_client_that_hangs_up),
        TEST(runs_beside_a_server_at_a_port),
        TEST(is_for_its_user_and_group_whatever_the_umask),
        TEST(removes_its_file_when_it_stops),
        TEST(leaves_a_file_that_took_its_place),
        TEST(takes_the_place_of_a_dead_daemon),
        TEST(refuses_where_somebody_answers),
        TEST(refuses_where_somebody_is_too_busy_to_answer),
        TEST(refuses_to_take_the_place_of_what_is_no_socket_of_its_kind),
        TEST(refuses_a_folder_that_is_not_there),
        TEST(knows_the_form_and_its_limit),
        TEST(listens_at_a_path_as_long_as_may_be_and_no_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
