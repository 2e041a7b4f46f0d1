/* control - one call of the HTTP client; what went wrong is found out by asking the socket itself,
 * as libcurl does not say. */
#include "command/control.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/language.h"
#include "base/memory.h"
#include "http/client.h"
#include "http/unix_socket.h"

#define URL_LIMIT_BYTES (64 * 1024)

struct asking {
    struct http_client *client;
    const char *path;
    struct control_answer *answer;
    struct error *error;
    bool is_answered;
};

static void send_request(struct asking *asking, const struct control_request *request);
static void on_answer(void *context, const struct handoffd_http_answer *given);
static void explain(const struct asking *asking, const struct handoffd_http_answer *given);

bool control_ask(const char *path, const struct control_request *request,
                 struct control_answer *answer, struct error *error)
{
    struct loop *loop = loop_create();
    struct asking asking = {
        .client = http_client_create(loop), .path = path, .answer = answer, .error = error};
    *answer = (struct control_answer){0};
    send_request(&asking, request);
    loop_run(loop);
    loop_destroy(loop);
    return asking.is_answered;
}

static void send_request(struct asking *asking, const struct control_request *request)
{
    CLEANUP(buffer_deinit) struct buffer url;
    buffer_init(&url, URL_LIMIT_BYTES);
    buffer_format(&url, "http://localhost%s", request->target);
    struct handoffd_http_request sent = {
        .size = sizeof sent,
        .method = request->method,
        .url = url.bytes,
        .content_type = request->json != NULL ? "application/json" : NULL,
        .body = request->json,
        .body_length = request->json != NULL ? strlen(request->json) : 0,
        .timeout_ms = request->timeout_ms,
    };
    http_client_send_unix(asking->client, asking->path, &sent, on_answer, asking);
}

/* With the client closed, nothing is left that could happen, and the loop ends. */
static void on_answer(void *context, const struct handoffd_http_answer *given)
{
    struct asking *asking = context;
    asking->is_answered = given->result == HANDOFFD_HTTP_ANSWERED;
    if (asking->is_answered) {
        char *body = memory_zeroed(given->body_length + 1, 1);
        memcpy(body, given->body, given->body_length);
        *asking->answer = (struct control_answer){given->status, body, given->body_length};
    } else {
        explain(asking, given);
    }
    http_client_close(asking->client, NULL, NULL);
}

void control_answer_deinit(struct control_answer *answer)
{
    free(answer->body);
    *answer = (struct control_answer){0};
}

bool control_is_there(const char *path)
{
    struct sockaddr_un address;
    struct error error;
    if (path == NULL || !unix_socket_address(path, &address, &error))
        return false;
    int answer = unix_socket_try(&address);
    return answer != ENOENT && answer != ENOTDIR && answer != ECONNREFUSED;
}

/* ---- what went wrong */

static void explain_closed_door(const char *path, struct error *error)
{
    struct stat status = {0};
    const struct group *group = stat(path, &status) == 0 ? getgrgid(status.st_gid) : NULL;
    if (group != NULL)
        error_set(error,
                  in_language("your user may not talk to handoffd at %s: use sudo, or join the "
                              "group %s",
                              "tu usuario no puede hablar con handoffd en %s: usa sudo, o entra al "
                              "grupo %s"),
                  path, group->gr_name);
    else
        error_set(error,
                  in_language("your user may not talk to handoffd at %s: use sudo",
                              "tu usuario no puede hablar con handoffd en %s: usa sudo"),
                  path);
}

static void explain_silence(const char *path, const char *words, struct error *error)
{
    struct sockaddr_un address;
    if (!unix_socket_address(path, &address, error))
        return;
    switch (unix_socket_try(&address)) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
        error_set(error,
                  in_language("no handoffd answers at %s: is it running, with the same "
                              "vendors.yaml?",
                              "ningún handoffd responde en %s: ¿está en marcha, con el mismo "
                              "vendors.yaml?"),
                  path);
        return;
    case EACCES:
    case EPERM:
        explain_closed_door(path, error);
        return;
    default:
        error_set(error,
                  in_language("handoffd at %s could not be asked: %s",
                              "no se pudo preguntar a handoffd en %s: %s"),
                  path, words);
    }
}

static void explain(const struct asking *asking, const struct handoffd_http_answer *given)
{
    if (given->result == HANDOFFD_HTTP_NOT_SENT)
        explain_silence(asking->path, given->error, asking->error);
    else
        error_set(asking->error,
                  in_language("handoffd at %s did not answer to the end, so what was asked may be "
                              "done: %s",
                              "handoffd en %s no terminó de responder, así que lo pedido puede "
                              "estar hecho: %s"),
                  asking->path, given->error);
}
