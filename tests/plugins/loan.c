/* loan - one mapping a piece, all of them on one list, so that a signal handler can say whose an
 * address is. */
#include "loan.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fault.h"

enum loan_state { LOAN_OPEN, LOAN_PROTECTED, LOAN_ENDED };

struct piece {
    struct piece *next;
    char *pages;
    size_t length; /* without the guard page behind */
};

struct loan {
    struct loan *next;
    struct piece *pieces;
    enum loan_state state;
};

static struct loan *loans;

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void *allocated(size_t size)
{
    void *block = calloc(1, size);
    if (block == NULL)
        fault("out of memory");
    return block;
}

struct loan *loan_create(void)
{
    struct loan *loan = allocated(sizeof *loan);
    loan->next = loans;
    loans = loan;
    return loan;
}

static struct piece *piece_create(size_t size)
{
    struct piece *piece = allocated(sizeof *piece);
    size_t page = page_bytes();
    piece->length = (size + page - 1) / page * page;
    piece->pages = mmap(NULL, piece->length + page, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece->pages == MAP_FAILED || mprotect(piece->pages + piece->length, page, PROT_NONE) != 0)
        fault("out of memory");
    return piece;
}

void *loan_copy(struct loan *loan, const void *bytes, size_t size)
{
    if (bytes == NULL)
        return NULL;
    struct piece *piece = piece_create(size);
    piece->next = loan->pieces;
    loan->pieces = piece;
    return memcpy(piece->pages + piece->length - size, bytes, size);
}

char *loan_text(struct loan *loan, const char *text)
{
    return text != NULL ? loan_copy(loan, text, strlen(text) + 1) : NULL;
}

static void set_protection(struct loan *loan, int protection, enum loan_state state)
{
    loan->state = state;
    for (struct piece *piece = loan->pieces; piece != NULL; piece = piece->next) {
        if (piece->length > 0 && mprotect(piece->pages, piece->length, protection) != 0)
            fault("mprotect failed");
    }
}

void loan_protect(struct loan *loan)
{
    set_protection(loan, PROT_READ, LOAN_PROTECTED);
}

void loan_release(struct loan *loan)
{
    set_protection(loan, PROT_READ | PROT_WRITE, LOAN_OPEN);
}

void loan_end(struct loan *loan)
{
    if (loan != NULL)
        set_protection(loan, PROT_NONE, LOAN_ENDED);
}

static void unlink_loan(const struct loan *loan)
{
    struct loan **place = &loans;
    while (*place != loan)
        place = &(*place)->next;
    *place = loan->next;
}

void loan_destroy(struct loan *loan)
{
    if (loan == NULL)
        return;
    unlink_loan(loan);
    while (loan->pieces != NULL) {
        struct piece *piece = loan->pieces;
        loan->pieces = piece->next;
        munmap(piece->pages, piece->length + page_bytes());
        free(piece);
    }
    free(loan);
}

static const char *explain_piece(const struct loan *loan, const struct piece *piece,
                                 const char *address)
{
    if (address < piece->pages || address >= piece->pages + piece->length + page_bytes())
        return NULL;
    if (address >= piece->pages + piece->length)
        return " went behind the end of what it was given: law 3 (ownership)";
    if (loan->state == LOAN_ENDED)
        return " used what it had borrowed before and must not have kept: law 3 (ownership)";
    return " wrote to what it may only read: law 3 (ownership)";
}

const char *loan_explain(const void *address)
{
    for (const struct loan *loan = loans; loan != NULL; loan = loan->next) {
        for (const struct piece *piece = loan->pieces; piece != NULL; piece = piece->next) {
            const char *words = explain_piece(loan, piece, address);
            if (words != NULL)
                return words;
        }
    }
    return NULL;
}
