/* conformance_answers - a provider's answers, from the best to the worst. */
#include "conformance.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"

enum { DEEP_BYTES = 20000, HUGE_BYTES = 1000 * 1000, MOST_CASES = 48 };

struct answer_cases {
    struct answer_case items[MOST_CASES];
    size_t count;
    char *deep;
    char *huge;
    char *long_id;
};

/* The text of example_message. */
#define EXAMPLE                                                                                    \
    "🔔 *Nuevo cliente solicita atención humana*\\n\\n👤 *Cliente:* Juan Pérez\\n"                 \
    "📱 *Teléfono:* +5215512345678\\n"

#define MESSAGE(id, status)                                                                        \
    "{\"sid\":\"" id "\",\"id\":\"" id "\",\"status\":\"" status "\",\"direction\":"               \
    "\"outbound-api\",\"date_created\":\"Thu, 01 Jan 2026 12:00:00 +0000\",\"error_code\":null,"   \
    "\"error_message\":null,\"to\":\"whatsapp:+5215512345678\",\"body\":\"" EXAMPLE "\"}"

static void add(struct answer_cases *cases, enum telling telling, const char *name, int32_t status,
                const char *body)
{
    require(cases->count < MOST_CASES);
    cases->items[cases->count++] = (struct answer_case){name, http_answer(status, body), telling};
}

static struct handoffd_http_answer *last(struct answer_cases *cases)
{
    return &cases->items[cases->count - 1].answer;
}

static void add_failures(struct answer_cases *cases)
{
    add(cases, TELLS_NOTHING, "an answer that was not sent", 0, "");
    last(cases)->result = HANDOFFD_HTTP_NOT_SENT;
    last(cases)->error = "connection refused";
    add(cases, TELLS_NOTHING, "no answer", 0, "");
    last(cases)->result = HANDOFFD_HTTP_NO_ANSWER;
    last(cases)->error = "connection reset";
    add(cases, TELLS_NOTHING, "no answer behind a 201", 201, "");
    last(cases)->result = HANDOFFD_HTTP_NO_ANSWER;
    last(cases)->error = "the answer was cut short";
}

static void add_refusals(struct answer_cases *cases)
{
    add(cases, TELLS_NOTHING, "302", 302, "");
    add(cases, TELLS_NOTHING, "400", 400,
        "{\"code\":21211,\"message\":\"Invalid\",\"status\":400}");
    add(cases, TELLS_NOTHING, "400 with other types", 400, "{\"code\":\"x\",\"message\":7}");
    add(cases, TELLS_NOTHING, "400 that is not UTF-8", 400, "{\"message\":\"\xFF\xC3\"}");
    add(cases, TELLS_NOTHING, "401 <html>", 401, "<html>");
    add(cases, TELLS_NOTHING, "401", 401, "{\"code\":20003,\"message\":\"Authenticate\"}");
    add(cases, TELLS_NOTHING, "403", 403, "{\"code\":20403,\"message\":\"Forbidden\"}");
    add(cases, MAY_DENY, "404", 404, "");
    add(cases, MAY_DENY, "404 in words", 404, "{\"code\":20404,\"message\":\"not found\"}");
    add(cases, TELLS_NOTHING, "429 with Retry-After", 429, "{\"code\":20429,\"message\":\"m\"}");
    last(cases)->retry_after_ms = 7000;
    add(cases, TELLS_NOTHING, "500", 500, "{");
    add(cases, TELLS_NOTHING, "500 with bytes", 500, "");
    last(cases)->body = "\0\xFF\0{}";
    last(cases)->body_length = 5;
    add(cases, TELLS_NOTHING, "503 of deep JSON", 503, cases->deep);
    add(cases, TELLS_NOTHING, "500 that looks like a message", 500,
        MESSAGE(ANSWERED_ID, "delivered"));
    add(cases, TELLS_NOTHING, "status 999", 999, "\xEF\xBB\xBF");
}

static void add_garbage(struct answer_cases *cases)
{
    add(cases, TELLS_NOTHING, "200 {}", 200, "{}");
    add(cases, TELLS_NOTHING, "200 without a body", 200, "");
    add(cases, TELLS_NOTHING, "200 null", 200, "null");
    add(cases, TELLS_NOTHING, "200 <html>", 200, "<html>Sign in to the guest network</html>");
    add(cases, TELLS_NOTHING, "200 with other types", 200,
        "{\"sid\":5,\"status\":{},\"code\":[],\"message\":{},\"messages\":\"none\"}");
    add(cases, TELLS_NOTHING, "200 with entries of other types", 200,
        "{\"messages\":[null,5,\"x\",[],{\"sid\":[]}]}");
    add(cases, TELLS_NOTHING, "200 that is cut", 200,
        "{\"messages\":[{\"sid\":\"" ANSWERED_ID "\",\"status\":\"delive");
    add(cases, TELLS_NOTHING, "200 with bytes", 200, "");
    last(cases)->body = "{\"messages\":[]}\0\xFF";
    last(cases)->body_length = 17;
    add(cases, TELLS_NOTHING, "200 of deep JSON", 200, cases->deep);
    add(cases, TELLS_NOTHING, "200 of a million bytes", 200, cases->huge);
    add(cases, TELLS_NOTHING, "200 with an id that is none", 200, cases->long_id);
}

static void add_answers(struct answer_cases *cases)
{
    add(cases, MAY_TELL, "201 with an id", 201, "{\"sid\":\"" ANSWERED_ID "\",\"id\":\"1\"}");
    add(cases, MAY_DENY, "204", 204, "");
    add(cases, MAY_DENY, "200 []", 200, "[]");
    add(cases, MAY_DENY, "200 with an empty list", 200, "{\"messages\":[],\"next_page_uri\":null}");
    add(cases, MAY_DENY, "200 with a list that goes on and on", 200,
        "{\"messages\":[],\"next_page_uri\":\"/2010-04-01/Accounts/AC1/Messages.json?Page=1\"}");
    add(cases, MAY_TELL, "200 with a message", 200, MESSAGE(ANSWERED_ID, "delivered"));
    add(cases, MAY_TELL, "200 with a message of a new status", 200, MESSAGE(ANSWERED_ID, "x"));
    add(cases, MAY_TELL, "200 with a list of one", 200,
        "{\"messages\":[" MESSAGE(ANSWERED_ID, "sent") "],\"next_page_uri\":null}");
    add(cases, MAY_DENY, "200 with a list of another's message", 200,
        "{\"messages\":[" MESSAGE(TAKEN_ID, "delivered") "],\"next_page_uri\":null}");
}

static char *repeated(char character, size_t length)
{
    char *text = memory_zeroed(length + 1, 1);
    memset(text, character, length);
    return text;
}

struct answer_cases *answer_cases_create(void)
{
    struct answer_cases *cases = memory_zeroed(1, sizeof *cases);
    cases->deep = repeated('[', DEEP_BYTES);
    cases->huge = repeated(' ', HUGE_BYTES);
    static const char start[] = "{\"sid\":\"";
    cases->long_id = repeated('S', DEEP_BYTES);
    memcpy(cases->long_id, start, sizeof start - 1);
    memcpy(cases->long_id + DEEP_BYTES - 2, "\"}", 2);
    add_garbage(cases);
    add_answers(cases);
    add_refusals(cases);
    add_failures(cases);
    return cases;
}

void answer_cases_destroy(struct answer_cases *cases)
{
    free(cases->deep);
    free(cases->huge);
    free(cases->long_id);
    free(cases);
}

const struct answer_case *answer_cases_at(const struct answer_cases *cases, size_t index)
{
    return index < cases->count ? &cases->items[index] : NULL;
}
