/* test_receipt - settled once, when the last report is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "plugin/receipt.h"

struct desk {
    struct receipt receipt;
    size_t settled;
    bool is_kept;
};

static void on_settled(struct receipt *receipt, bool is_kept)
{
    struct desk *desk = container_of(receipt, struct desk, receipt);
    desk->settled++;
    desk->is_kept = is_kept;
}

static void is_settled_with_the_last_report(void **state)
{
    struct desk desk = {.receipt = {.on_settled = on_settled}};
    (void)state;
    for (int i = 0; i < 3; i++)
        receipt_expect(&desk.receipt);
    receipt_settle(&desk.receipt, true);
    receipt_settle(&desk.receipt, true);
    assert_int_equal(desk.settled, 0);
    receipt_settle(&desk.receipt, true);
    assert_int_equal(desk.settled, 1);
    assert_true(desk.is_kept);
}

static void is_lost_if_one_of_them_is(void **state)
{
    (void)state;
    for (int lost = 0; lost < 3; lost++) {
        struct desk desk = {.receipt = {.on_settled = on_settled}};
        for (int i = 0; i < 3; i++)
            receipt_expect(&desk.receipt);
        for (int i = 0; i < 3; i++)
            receipt_settle(&desk.receipt, i != lost);
        assert_int_equal(desk.settled, 1);
        assert_false(desk.is_kept);
    }
}

static void is_not_needed(void **state)
{
    (void)state;
    receipt_expect(NULL);
    receipt_settle(NULL, true);
    receipt_settle(NULL, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_settled_with_the_last_report),
        cmocka_unit_test(is_lost_if_one_of_them_is),
        cmocka_unit_test(is_not_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
