/* encoding - runs before libyaml, whose own words about bytes have no line and column. */
#include "config/encoding.h"

#include <stdint.h>
#include <string.h>

#include "base/language.h"
#include "base/utf8.h"

static bool starts_with(const struct source *source, const char *bytes, size_t length)
{
    return source->length >= length && memcmp(source->bytes, bytes, length) == 0;
}

static void skip_byte_order_mark(struct source *source)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (starts_with(source, mark, sizeof mark - 1)) {
        source->bytes += sizeof mark - 1;
        source->length -= sizeof mark - 1;
    }
}

/* With its byte order mark, or without: every other byte of plain text is then zero. */
static bool is_utf16(const struct source *source)
{
    if (starts_with(source, "\xff\xfe", 2) || starts_with(source, "\xfe\xff", 2))
        return true;
    return source->length >= 2 && (source->bytes[0] == '\0') != (source->bytes[1] == '\0');
}

struct mark encoding_mark(const struct source *source, size_t offset)
{
    struct mark mark = {source->file, 1, 1};
    size_t line_start = 0;
    for (size_t i = 0; i < offset; i++) {
        bool is_cr_of_crlf =
            source->bytes[i] == '\r' && i + 1 < offset && source->bytes[i + 1] == '\n';
        if ((source->bytes[i] == '\n' || source->bytes[i] == '\r') && !is_cr_of_crlf) {
            mark.line++;
            line_start = i + 1;
        }
    }
    mark.column += (unsigned)utf8_count(source->bytes + line_start, offset - line_start);
    return mark;
}

/* What a Latin-1 byte was meant to be, as UTF-8; "" where it shows nothing. */
static const char *latin1_letter(char byte, char letter[3])
{
    unsigned char code = (unsigned char)byte;
    letter[0] = '\0';
    if (code > 0xa0) {
        letter[0] = (char)(0xc0 | (code >> 6));
        letter[1] = (char)(0x80 | (code & 0x3f));
        letter[2] = '\0';
    }
    return letter;
}

static bool refuse_byte(const struct source *source, size_t offset, struct diagnostics *diagnostics)
{
    char letter[3];
    unsigned code = (unsigned char)source->bytes[offset];
    if (latin1_letter(source->bytes[offset], letter)[0] != '\0')
        diagnostics_error(
            diagnostics, encoding_mark(source, offset),
            in_language("the byte 0x%02X is not UTF-8 (in Latin-1 it would be \"%s\"): "
                        "save the file as UTF-8 in your editor",
                        "el byte 0x%02X no es UTF-8 (en Latin-1 sería \"%s\"): guarda "
                        "el archivo como UTF-8 en tu editor"),
            code, letter);
    else
        diagnostics_error(diagnostics, encoding_mark(source, offset),
                          in_language("the byte 0x%02X is not UTF-8: save the file as UTF-8 in "
                                      "your editor",
                                      "el byte 0x%02X no es UTF-8: guarda el archivo como UTF-8 "
                                      "en tu editor"),
                          code);
    return false;
}

static bool is_invisible(uint32_t character)
{
    if (character < 0x20)
        return character != '\t' && character != '\n' && character != '\r';
    return (character >= 0x7f && character < 0xa0) || character == 0x2028 || character == 0x2029 ||
           character == 0xfeff || character == 0xfffe || character == 0xffff;
}

/* The offset of the first one, or `length`. NUL is one too, and valid UTF-8 ends before it. */
static size_t find_invisible(const struct source *source, size_t length)
{
    const char *at = source->bytes;
    while (at < source->bytes + length) {
        const char *start = at;
        if (is_invisible(utf8_next(&at)))
            return (size_t)(start - source->bytes);
    }
    return length;
}

static bool refuse_invisible(const struct source *source, size_t offset,
                             struct diagnostics *diagnostics)
{
    const char *at = source->bytes + offset;
    unsigned code = utf8_next(&at);
    diagnostics_error(diagnostics, encoding_mark(source, offset),
                      in_language("an invisible character (U+%04X) stands here: delete it",
                                  "aquí hay un carácter invisible (U+%04X): bórralo"),
                      code);
    return false;
}

bool encoding_check(struct source *source, struct diagnostics *diagnostics)
{
    skip_byte_order_mark(source);
    if (is_utf16(source)) {
        diagnostics_error(
            diagnostics, (struct mark){source->file, 1, 1}, "%s",
            in_language("the file is UTF-16 (\"Unicode\" in Notepad): save it as UTF-8",
                        "el archivo está en UTF-16 (\"Unicode\" en el Bloc de notas): "
                        "guárdalo como UTF-8"));
        return false;
    }
    size_t valid = utf8_valid_prefix(source->bytes, source->length);
    size_t invisible = find_invisible(source, valid);
    if (invisible < valid)
        return refuse_invisible(source, invisible, diagnostics);
    if (valid == source->length)
        return true;
    if (source->bytes[valid] == '\0')
        return refuse_invisible(source, valid, diagnostics);
    return refuse_byte(source, valid, diagnostics);
}
