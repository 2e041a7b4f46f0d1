/* restore - `handoffd restore FILE`: a backup takes the place of the store. The daemon must not
 * run. Everything unfinished is parked: what became of it since the backup, nobody knows. */
#include <stdio.h>

#include "alert/cause.h"
#include "base/language.h"
#include "command/command.h"
#include "handoff/state.h"
#include "store/store.h"

enum { KEPT_BYTES = 4096 };

static int restore(const char *path, const char *backup)
{
    char kept[KEPT_BYTES] = "";
    int64_t parked = 0;
    struct error error;
    if (!store_restore(path, backup, handoff_state_name(HANDOFF_PARKED), CAUSE_PARKED, kept,
                       sizeof kept, &parked, &error)) {
        fprintf(stderr, "handoffd restore: %s\n", error.message);
        return 2;
    }
    printf(in_language("restored: %s\n", "restaurado: %s\n"), path);
    if (kept[0] != '\0')
        printf(in_language("what was there is kept: %s\n", "lo que había se conserva: %s\n"), kept);
    printf(in_language("parked, because nobody knows what became of them since: %lld\n"
                       "see them with `handoffd handoffs --state parked`; send with `handoffd "
                       "retry ID`, or `handoffd close ID`\n",
                       "apartadas, porque no se sabe qué fue de ellas desde entonces: %lld\n"
                       "míralas con «handoffd handoffs --state parked»; envíalas con «handoffd "
                       "retry ID», o «handoffd close ID»\n"),
           (long long)parked);
    return 0;
}

int command_restore(const char *config, int argc, char **argv)
{
    if (argc != 2)
        return command_misused("restore", argc > 1 ? argv[2] : "");
    struct places_read places = command_places(config);
    int exit_code = places.store != NULL ? restore(places.store, argv[1]) : 2;
    command_places_free(&places);
    return exit_code;
}
