/* scratch_folder - mkdtemp, and nftw from the leaves up. */
#include "scratch_folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/require.h"

char *scratch_folder_create(void)
{
    char *folder = memory_text("/tmp/handoffd-test-XXXXXX");
    require(mkdtemp(folder) != NULL);
    return folder;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void scratch_folder_remove(char *folder)
{
    require(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
    free(folder);
}
