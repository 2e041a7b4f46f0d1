/* chunks - the frame of a chunked body: where it ends, and that every byte of it is as RFC 9112
 * section 7.1 has it. Extensions are refused; trailers are counted, and otherwise ignored, but for
 * those that would speak of the frame: they are never to be sent there (RFC 9110 section 6.5.1). */
#ifndef HTTP_CHUNKS_H
#define HTTP_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

enum chunks_state {
    CHUNKS_SIZE, /* zeroed: at the first size */
    CHUNKS_SIZE_END,
    CHUNKS_DATA,
    CHUNKS_DATA_END,
    CHUNKS_DATA_LINE_END,
    CHUNKS_TRAILER,
    CHUNKS_TRAILER_NAME,
    CHUNKS_TRAILER_VALUE,
    CHUNKS_TRAILER_END,
    CHUNKS_LAST_END,
    CHUNKS_DONE,
    CHUNKS_MALFORMED
};

#define CHUNKS_NAME_BYTES 20 /* more than the longest name that we look for */

struct chunks {
    enum chunks_state state;
    uint32_t digits;     /* of the size being read */
    uint64_t left;       /* of the chunk */
    uint64_t data_bytes; /* of all chunks announced so far */
    uint64_t trailer_bytes;
    uint64_t trailers;
    char name[CHUNKS_NAME_BYTES]; /* of the trailer being read, in lower case; its begin */
    size_t name_length;           /* of all of it */
};

/* How many of the bytes belong to the body: all of them, or up to its end, or to what is malformed.
 */
size_t chunks_take(struct chunks *chunks, const char *bytes, size_t length);

#endif
