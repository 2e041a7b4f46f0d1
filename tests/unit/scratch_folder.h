/* scratch_folder - a folder of a test's own, removed with all that is in it. */
#ifndef TESTS_SCRATCH_FOLDER_H
#define TESTS_SCRATCH_FOLDER_H

/* Its path, in memory that scratch_folder_remove frees. Never NULL. */
char *scratch_folder_create(void);

void scratch_folder_remove(char *folder);

#endif
