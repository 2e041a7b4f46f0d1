/* fuzz_twilio_receive - what anybody may send to a channel's hook: nothing is reported that Twilio
 * did not sign. Lines: method, URL, headers; then an empty line, and the body. The signature
 * `right` stands for Twilio's own. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"
#include "input.h"
#include "provider_host.h"
#include "receive.h"
#include "twilio.h"
#include "twilio_signer.h"

enum { MOST_BYTES = 8192, MOST_HEADERS = 8 };

static const char token[] = "12345";
static const char account[] = "AC1";
static const char signature_name[] = "x-twilio-signature";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct headers {
    const char *names[MOST_HEADERS];
    const char *values[MOST_HEADERS];
    char *lines[MOST_HEADERS];
    size_t count;
};

static void read_headers(struct input *input, struct headers *headers)
{
    while (input->left > 0 && headers->count < MOST_HEADERS) {
        char *line = input_line(input);
        char *colon = strchr(line, ':');
        if (colon == NULL) {
            free(line);
            return;
        }
        *colon = '\0';
        headers->names[headers->count] = line;
        headers->values[headers->count] = colon + 1 + strspn(colon + 1, " \t");
        headers->lines[headers->count++] = line;
    }
}

static void free_headers(struct headers *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        free(headers->lines[i]);
}

static void put_right(struct headers *headers, const char *right)
{
    for (size_t i = 0; i < headers->count; i++) {
        bool is_meant = strcmp(headers->names[i], signature_name) == 0 &&
                        strcmp(headers->values[i], "right") == 0;
        headers->values[i] = is_meant ? right : headers->values[i];
    }
}

/* A port in the URL may be left out of what is signed, and a body's hash takes its place. */
static bool is_simple(const char *url)
{
    const char *host = strstr(url, "://");
    return host != NULL && strchr(host + 3, ':') == NULL && strchr(url, '#') == NULL &&
           strstr(url, "bodySHA256") == NULL;
}

static bool has_value(const struct headers *headers, const char *name, const char *value)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (strcmp(headers->names[i], name) == 0 && strcmp(headers->values[i], value) == 0)
            return true;
    }
    return false;
}

static void check_reported(const struct provider_host *host, const struct handoffd_request *request,
                           const struct parameters *parameters)
{
    const char *sid = parameters_value(parameters, "AccountSid");
    require(strcmp(request->method, "POST") == 0 && request->attempt_id != 0);
    require(sid != NULL && strcmp(sid, account) == 0);
    require(host->report.outcome != HANDOFFD_UNKNOWN && host->report.outcome != HANDOFFD_ABSENT);
}

static void check_answer(const struct handoffd_answer *answer)
{
    static const uint32_t known[] = {204, 403, 404, 405, 415};
    bool is_known = false;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        is_known |= answer->status == known[i];
    require(is_known && (answer->body != NULL || answer->status == 204));
}

static void call(const struct handoffd_request *request, const struct headers *headers,
                 const struct parameters *parameters, const char *right)
{
    struct provider_host host;
    struct handoffd_answer answer = {.size = sizeof answer, .status = 204};
    provider_host_init(&host);
    struct twilio twilio = {.account_sid = account, .auth_token = token, .host = &host.table};
    receive(&twilio, request, &answer);
    check_answer(&answer);
    require(host.reports <= (answer.status == 204 ? 1 : 0));
    if (host.reports > 0)
        check_reported(&host, request, parameters);
    if (answer.status == 204 && is_simple(request->url))
        require(has_value(headers, signature_name, right));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct headers headers = {.count = 0};
    struct parameters parameters;
    char right[SIGNATURE_SIZE];
    if (size > MOST_BYTES)
        return 0;
    CLEANUP(memory_free) char *method = input_line(&input);
    CLEANUP(memory_free) char *url = input_line(&input);
    read_headers(&input, &headers);
    struct handoffd_request request = {
        .size = sizeof request,
        .attempt_id = strstr(url, "nobody") == NULL ? PROVIDER_ATTEMPT : 0,
        .method = method,
        .url = url,
        .path = "",
    };
    CLEANUP(memory_free) char *body = input_rest(&input, &request.body_length);
    request.body = body;
    require(parameters_read(body, request.body_length, &parameters));
    twilio_sign(token, url, &parameters, right);
    put_right(&headers, right);
    request.headers = (struct handoffd_fields){headers.names, headers.values, headers.count};
    call(&request, &headers, &parameters, right);
    parameters_deinit(&parameters);
    free_headers(&headers);
    return 0;
}
