/* multi - drives one libcurl multi handle by our loop: its sockets, its timer, its finished
 * transfers.
 *
 * Invariants: every finished transfer is handed over exactly once, never from inside multi_add or
 * multi_remove; a socket that libcurl keeps for the next call keeps its place in epoll. */
#ifndef HTTP_MULTI_H
#define HTTP_MULTI_H

#include <curl/curl.h>

#include "base/loop.h"

struct multi;

/* `easy` is no longer in the multi. May call any function of this header. */
typedef void multi_on_finished(void *context, CURL *easy, CURLcode code);

struct multi *multi_create(struct loop *loop, multi_on_finished *on_finished, void *context);

/* Before the first call: libcurl and its TLS library cost megabytes and milliseconds, which a start
 * need not pay. Again changes nothing. */
void multi_open(struct multi *multi);

/* Every easy handle must have been removed. Closes all connections; on_closed runs on a later turn,
 * when the loop has let go of everything, and the multi is gone. */
void multi_close(struct multi *multi, void (*on_closed)(void *context), void *context);

/* Sets the options by which the multi follows the sockets of an easy handle: once, before its first
 * multi_add. */
void multi_adopt(struct multi *multi, CURL *easy);

void multi_add(struct multi *multi, CURL *easy);

/* Ends a transfer under way: on_finished will not run for it. */
void multi_remove(struct multi *multi, CURL *easy);

#endif
