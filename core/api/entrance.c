/* entrance - a table: the status and the sentence of each refusal. */
#include "api/entrance.h"

#include <stdio.h>

#include "api/reply.h"
#include "base/log.h"

enum { SECONDS_SIZE = 24 };

static const struct refusal_words {
    int status;
    const char *reason; /* for the log */
    const char *detail;
} words[] = {
    [DOOR_OPEN] = {500, "", ""},
    [DOOR_NO_KEY] = {401, "no_key",
                     "Falta la clave: envíala en Authorization: Bearer hk_… o en X-API-Key"},
    [DOOR_NO_KEYS] = {401, "no_keys",
                      "La solicitud viene de fuera y no hay ninguna clave: créala en el servidor "
                      "con handoffd key new NOMBRE"},
    [DOOR_MANY_KEYS] = {400, "many_keys", "Hay más de una clave en la solicitud: envía solo una"},
    [DOOR_WRONG_KEY] = {401, "wrong_key",
                        "La clave no es válida: puede estar mal copiada o revocada"},
    [DOOR_EXPIRED_KEY] = {401, "expired_key", "La clave venció: hace falta una nueva"},
    [DOOR_WRONG_SCOPE] = {403, "wrong_scope", "La clave es válida, pero no para esto"},
    [DOOR_WRONG_SIGNATURE] = {401, "wrong_signature", "La firma no es válida"},
    [DOOR_STALE_SIGNATURE] = {401, "stale_signature",
                              "La firma tiene más de 5 minutos, o los relojes no coinciden"},
    [DOOR_REPLAYED] = {401, "replayed", "Esta misma solicitud firmada ya se recibió"},
    [DOOR_BUSY] = {429, "busy", "Demasiadas solicitudes: vuelve a intentar más tarde"},
};

static void respond(struct api *api, struct http_exchange *exchange, int status, const char *detail,
                    const struct http_header *header)
{
    struct buffer body;
    buffer_init(&body, REPLY_BYTES);
    reply_error(&body, detail, api->say->failed);
    http_respond(exchange, status, header, header != NULL ? 1 : 0, body.bytes, body.length);
    buffer_deinit(&body);
}

void entrance_refuse_for_now(struct api *api, struct http_exchange *exchange, const char *detail,
                             int64_t retry_after_ms)
{
    char seconds[SECONDS_SIZE];
    struct http_header retry_after = {"Retry-After", seconds};
    snprintf(seconds, sizeof seconds, "%lld", (long long)((retry_after_ms + 999) / 1000));
    respond(api, exchange, 429, detail, &retry_after);
}

/* Where too many come, the log says nothing of each. */
void entrance_refuse(struct api *api, struct http_exchange *exchange, const struct visitor *visitor)
{
    static const struct http_header challenge = {"WWW-Authenticate", "Bearer realm=\"handoffd\""};
    const struct refusal_words *said = &words[visitor->answer];
    if (visitor->answer == DOOR_BUSY) {
        entrance_refuse_for_now(api, exchange, said->detail, visitor->retry_after_ms);
        return;
    }
    log_info("a request was refused status=%d reason=%s client=%s%s%s", said->status, said->reason,
             visitor->client.text, visitor->name != NULL ? " key=" : "",
             visitor->name != NULL ? visitor->name : "");
    respond(api, exchange, said->status, said->detail, said->status == 401 ? &challenge : NULL);
}
