/* notice - composed from what the channel says of itself: its provider, its medium. */
#include "handoff/notice.h"

#include "handoff/delivery.h"
#include "handoff/mask.h"
#include "handoff/waiter.h"
#include "plugin/instance.h"

const char *notice_masked(struct handoff *handoff, const char *why)
{
    const struct roster *roster = handoff->delivery->setup.roster;
    const struct vendor *vendor = attempt_bind(&handoff->attempt, roster).vendor;
    return why == NULL ? "no report"
                       : mask_text(why, &handoff->given, vendor != NULL ? vendor->name : NULL,
                                   handoff->arena);
}

const char *notice_failure(struct handoff *handoff, const struct instance *instance,
                           const char *why)
{
    if (instance == NULL)
        return "vendors.yaml no longer has the person or the channel";
    const struct handoffd_channel *channel = instance->plugin->contract.channel;
    return arena_format(handoff->arena, "%s error sending %s: %s", channel->provider,
                        channel->medium, notice_masked(handoff, why));
}

void notice_log_failure(enum log_level level, const struct handoff *handoff, const char *failure)
{
    const char *state = handoff->state == HANDOFF_HELD ? handoff_state_name(handoff->state)
                                                       : attempt_state_name(handoff->attempt.state);
    log_line(level, "%s handoff=%s vendor=%s state=%s code=%lld", failure, handoff->given.id,
             handoff->attempt.vendor_id, state, (long long)handoff->attempt.code);
}

void notice_answer_of(struct handoff *handoff, const struct attempt *attempt, enum answer_kind kind,
                      const char *detail)
{
    const struct vendor *vendor = attempt_bind(attempt, handoff->delivery->setup.roster).vendor;
    struct answer said = {
        .kind = kind,
        .handoff_id = handoff->given.id,
        .vendor_id = attempt->vendor_id,
        .vendor_name = vendor != NULL ? vendor->name : attempt->vendor_id,
        .message_id = attempt->message_id,
        .detail = detail,
    };
    memo_set(handoff->memo, &said);
    if (handoff->memo->is_stored)
        waiters_answer(handoff);
}

void notice_answer(struct handoff *handoff, enum answer_kind kind, const char *detail)
{
    notice_answer_of(handoff, &handoff->attempt, kind, detail);
}
