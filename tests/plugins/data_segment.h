/* data_segment - the variables of a loaded library, to see whether they change. */
#ifndef TEST_DATA_SEGMENT_H
#define TEST_DATA_SEGMENT_H

#include <stdbool.h>

struct data_segment;

/* A copy of the writable memory that the library at `path` brought along. */
struct data_segment *data_segment_copy(const char *path);
bool data_segment_is_same(const struct data_segment *segment);
void data_segment_destroy(struct data_segment *segment);

#endif
