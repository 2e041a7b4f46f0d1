/* require - says which expectation broke, then aborts so that a core file can be read. */
#include "base/require.h"

#include <stdio.h>
#include <stdlib.h>

void require_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "[ERROR] bug: %s is false at=%s:%d\n", expression, file, line);
    abort();
}
