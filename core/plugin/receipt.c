/* receipt - a count. */
#include "plugin/receipt.h"

void receipt_expect(struct receipt *receipt)
{
    if (receipt != NULL)
        receipt->outstanding++;
}

void receipt_settle(struct receipt *receipt, bool is_kept)
{
    if (receipt == NULL)
        return;
    receipt->is_lost = receipt->is_lost || !is_kept;
    if (--receipt->outstanding == 0)
        receipt->on_settled(receipt, !receipt->is_lost);
}
