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
    if (!command_may_read("restore", backup) || !command_may_read("restore", path))
        return 2;
    if (!store_restore(path, backup, handoff_state_name(HANDOFF_PARKED), CAUSE_PARKED, kept,
                       sizeof kept, &parked, &error)) {
        fprintf(stderr, "handoffd restore: %s\n", error.message);
        return 2;
    }
    printf(in_language("restored: %s\n", "restaurado: %s\n"), path);
    if (kept[0] != '\0')
        printf(in_language("what was there is kept: %s\n", "lo que había se conserva: %s\n"), kept);
    printf(in_number(parked,
                     in_language("parked, because nobody knows what became of it since: %lld\n",
                                 "apartada, porque no se sabe qué fue de ella desde entonces: "
                                 "%lld\n"),
                     in_language("parked, because nobody knows what became of them since: %lld\n",
                                 "apartadas, porque no se sabe qué fue de ellas desde entonces: "
                                 "%lld\n")),
           (long long)parked);
    if (parked > 0)
        printf("%s",
               in_language("see them with `handoffd handoffs --state parked`; then `handoffd "
                           "retry ID` or `handoffd close ID`\n",
                           "se ven con «handoffd handoffs --state parked»; después, «handoffd "
                           "retry ID» o «handoffd close ID»\n"));
    return 0;
}

int command_restore(const char *config, int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '\0')
        return command_incomplete("restore", in_language("the backup", "el respaldo"),
                                  "/var/backups/handoffd/today.db");
    if (argc > 2)
        return command_misused("restore", argv[2]);
    struct places_read places = command_places(config);
    int exit_code = places.store != NULL ? restore(places.store, argv[1]) : 2;
    command_places_free(&places);
    return exit_code;
}
