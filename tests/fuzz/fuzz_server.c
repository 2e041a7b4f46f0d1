/* fuzz_server - a stream of bytes to a real server, at once and in pieces: the same requests come
 * out of it, each is answered once and in order, and what is malformed is answered last. The first
 * byte chooses the pieces. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/require.h"
#include "http/server.h"
#include "input.h"
#include "scratch_folder.h"

enum { MOST_STREAM = 4096, MOST_STORY = 1024 * 1024, PATH_SIZE = 100, MOST_PIECES = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Answered on a later turn. */
struct late {
    struct turn turn;
    struct http_exchange *exchange;
};

static struct {
    struct loop *loop;
    struct http_server *server;
    char *folder;
    struct buffer story; /* what was handed over */
    size_t requests;
} office;

/* ---- the server's side */

static void respond(struct http_exchange *exchange, const char *method)
{
    const struct http_header header = {"X-Method", method};
    http_respond(exchange, 200, &header, 1, "done", 4);
}

static void respond_late(struct turn *turn)
{
    struct late *late = container_of(turn, struct late, turn);
    respond(late->exchange, "GET");
    free(late);
}

static void on_request(void *context, struct http_exchange *exchange,
                       const struct http_request *request)
{
    (void)context;
    office.requests++;
    require(request->body != NULL && request->body[request->body_length] == '\0');
    require(strcmp(request->peer, "unix") == 0);
    buffer_format(&office.story, "%s %s?%s ", request->method, request->path, request->query);
    buffer_append(&office.story, request->body, request->body_length);
    buffer_append_char(&office.story, '\n');
    if (strcmp(request->path, "/late") != 0 || strcmp(request->method, "GET") != 0) {
        respond(exchange, request->method);
        return;
    }
    struct late *late = memory_zeroed(1, sizeof *late);
    late->turn.run = respond_late;
    late->exchange = exchange;
    loop_next_turn(office.loop, &late->turn);
}

static void write_error(void *context, int status, const char *reason, struct buffer *body)
{
    (void)context;
    require(status >= 400 && status <= 505);
    buffer_format(body, "error %s", reason);
}

static void remove_folder(void)
{
    scratch_folder_remove(office.folder);
}

static void open_server(void)
{
    static const struct http_limits limits = {.header_bytes = 512,
                                              .headers = 8,
                                              .body_bytes = 128,
                                              .header_timeout_ms = 60000,
                                              .body_timeout_ms = 60000,
                                              .idle_timeout_ms = 60000,
                                              .connections = 8};
    const struct http_handler handler = {.on_request = on_request, .write_error = write_error};
    struct error error;
    char listen[PATH_SIZE];
    office.loop = loop_create();
    office.folder = scratch_folder_create();
    atexit(remove_folder);
    snprintf(listen, sizeof listen, "unix:%s/socket", office.folder);
    office.server = http_server_start(office.loop, listen, &limits, &handler, &error);
    require(office.server != NULL);
}

/* ---- the client's side */

static int connect_client(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", office.folder);
    require(client >= 0 && connect(client, (struct sockaddr *)&address, sizeof address) == 0);
    return client;
}

/* True: it has ended. */
static bool receive(int client, struct buffer *received)
{
    char bytes[4096];
    ssize_t length = recv(client, bytes, sizeof bytes, 0);
    if (length > 0)
        require(buffer_append(received, bytes, (size_t)length));
    return length == 0;
}

static void send_pieces(int client, const char *bytes, size_t length, size_t piece)
{
    for (size_t sent = 0; sent < length; sent += piece) {
        size_t size = length - sent < piece ? length - sent : piece;
        if (send(client, bytes + sent, size, MSG_NOSIGNAL) < 0)
            return; /* refused, and closed */
        if (sent + size < length)
            uv_run(loop_uv(office.loop), UV_RUN_NOWAIT);
    }
}

static void talk(const char *bytes, size_t length, size_t piece, struct buffer *received)
{
    int client = connect_client();
    send_pieces(client, bytes, length, piece);
    shutdown(client, SHUT_WR);
    while (!receive(client, received))
        uv_run(loop_uv(office.loop), UV_RUN_NOWAIT);
    close(client);
    while (http_server_connections(office.server) > 0)
        uv_run(loop_uv(office.loop), UV_RUN_ONCE);
}

/* ---- the answers */

/* Behind this one. To HEAD there is no body; of an error it is not known whether that was asked. */
static const char *skip_answer(const char *at, const char *end, size_t *answers, size_t *errors)
{
    static const char proceed[] = "HTTP/1.1 100 Continue\r\n\r\n";
    static const char length_name[] = "\r\nContent-Length: ";
    require(strncmp(at, "HTTP/1.1 ", 9) == 0);
    if (strncmp(at, proceed, sizeof proceed - 1) == 0)
        return at + sizeof proceed - 1;
    const char *body = strstr(at, "\r\n\r\n");
    const char *length = strstr(at, length_name);
    const char *method = strstr(at, "\r\nX-Method: HEAD");
    require(body != NULL && length != NULL && length < body);
    bool is_error = at[9] != '2';
    *answers += 1;
    *errors += is_error;
    bool has_no_body = (method != NULL && method < body) || (is_error && body + 4 == end);
    size_t size = has_no_body ? 0 : strtoul(length + sizeof length_name - 1, NULL, 10);
    require(body + 4 + size <= end);
    return body + 4 + size;
}

/* Each request has one answer; a refusal is one more, and the last. */
static void check_answers(const struct buffer *received)
{
    const char *end = received->bytes + received->length;
    size_t answers = 0;
    size_t errors = 0;
    for (const char *at = received->bytes; at < end;) {
        require(errors == 0);
        at = skip_answer(at, end, &answers, &errors);
    }
    require(errors <= 1 && answers == office.requests + errors);
}

/* What the handler saw. */
static struct buffer run(const char *bytes, size_t length, size_t piece)
{
    CLEANUP(buffer_deinit) struct buffer received;
    buffer_init(&received, MOST_STORY);
    buffer_init(&office.story, MOST_STORY);
    office.requests = 0;
    talk(bytes, length, piece, &received);
    if (memchr(received.bytes, '\0', received.length) == NULL)
        check_answers(&received);
    return office.story;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    if (size > MOST_STREAM)
        return 0;
    if (office.loop == NULL)
        open_server();
    unsigned choice = input_byte(&input);
    size_t least = input.left / MOST_PIECES + 1; /* each costs turns of the loop */
    const char *bytes = (const char *)input.at;
    CLEANUP(buffer_deinit) struct buffer whole = run(bytes, input.left, input.left + 1);
    CLEANUP(buffer_deinit) struct buffer cut = run(bytes, input.left, least + choice);
    require(whole.length == cut.length && memcmp(whole.bytes, cut.bytes, whole.length) == 0);
    return 0;
}
