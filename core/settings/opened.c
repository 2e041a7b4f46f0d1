/* opened - the keys of server: and store: that need a start. */
#include "settings/opened.h"

#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/memory.h"

struct opened opened_of(const struct settings *settings)
{
    return (struct opened){
        .listen = memory_text(settings->server.listen),
        .control = memory_text(settings->server.control),
        .store = memory_text(settings->store.path),
        .connections = settings->server.limits.connections,
    };
}

void opened_deinit(struct opened *opened)
{
    free(opened->listen);
    free(opened->control);
    free(opened->store);
}

void opened_name_what_stays(const struct opened *opened, const struct settings *settings,
                            struct buffer *verdict)
{
    const struct server_settings *server = &settings->server;
    const struct {
        const char *key;
        bool is_changed;
    } keys[] = {
        {"server.listen", strcmp(opened->listen, server->listen) != 0},
        {"server.control", strcmp(opened->control, server->control) != 0},
        {"server.max_connections", opened->connections != server->limits.connections},
        {"store.path", strcmp(opened->store, settings->store.path) != 0},
    };
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (keys[i].is_changed)
            buffer_format(verdict,
                          in_language("%s stays as it was until the next start\n",
                                      "%s sigue como estaba hasta el próximo arranque\n"),
                          keys[i].key);
    }
}
