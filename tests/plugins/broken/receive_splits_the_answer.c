/* receive_splits_the_answer - breaks "content_type": it has a line break, and behind it a header of
 * its own. */
#include "pigeon.h"

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    (void)state;
    (void)request;
    answer->content_type = "text/plain\r\nset-cookie: a=b";
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

PIGEON("receive_splits_the_answer");
