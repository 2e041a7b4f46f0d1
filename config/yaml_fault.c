/* yaml_fault - libyaml's words looked up in a table; first the causes that its words do not name.
 */
#include "config/yaml_fault.h"

#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"

/* Where the fault is best shown. */
enum place {
    AT_PROBLEM, /* where libyaml stopped */
    AT_START    /* where the thing that it was reading starts */
};

struct sentence {
    const char *context; /* how libyaml's context begins; NULL: any */
    const char *problem; /* how libyaml's problem begins */
    enum place place;
    const char *english;
    const char *spanish;
};

/* The first row that fits. */
static const struct sentence sentences[] = {
    {"while scanning a quoted", "found unexpected end of stream", AT_START,
     "the quote that opens here is never closed", "las comillas que abren aquí nunca se cierran"},
    {"while scanning a quoted", "found unexpected document", AT_START,
     "the quote that opens here is never closed", "las comillas que abren aquí nunca se cierran"},
    {"while parsing a quoted", "", AT_PROBLEM,
     "inside \"…\" a backslash begins a special character: put the text in '…' instead",
     "dentro de \"…\" una barra \\ inicia un carácter especial: pon el texto entre '…'"},
    {"while scanning a simple key", "", AT_START,
     "this line needs a \":\" and a space after its name, as in `name: Ana`; text that goes on "
     "over several lines is "
     "written after `|`",
     "a esta línea le faltan un \":\" y un espacio después del nombre, como en `name: Ana`; un "
     "texto de "
     "varias líneas se escribe después de `|`"},
    {"while scanning an alias", "", AT_START, "a text that begins with * must be in quotes",
     "un texto que empieza con * va entre comillas"},
    {"while scanning an anchor", "", AT_START, "a text that begins with & must be in quotes",
     "un texto que empieza con & va entre comillas"},
    {"while scanning a tag", "", AT_START, "a text that begins with ! must be in quotes",
     "un texto que empieza con ! va entre comillas"},
    {"while parsing a tag", "", AT_START, "a text that begins with ! must be in quotes",
     "un texto que empieza con ! va entre comillas"},
    {NULL, "found undefined tag handle", AT_START, "a text that begins with ! must be in quotes",
     "un texto que empieza con ! va entre comillas"},
    {"while scanning a block scalar", "", AT_PROBLEM,
     "after | or > nothing may follow on the same line: the text begins on the next one, with "
     "spaces before it",
     "después de | o > no puede seguir nada en la misma línea: el texto empieza en la siguiente, "
     "con "
     "espacios delante"},
    {NULL, "mapping values are not allowed", AT_PROBLEM,
     "a \":\" is not expected here: either the line has other spaces at its beginning than the "
     "lines that it "
     "belongs with, or the \":\" is part of a text, and the whole text must be in quotes",
     "aquí no se espera \":\": o la línea empieza con distintos espacios que las de su grupo, "
     "o el \":\" es parte de un texto, y entonces todo el texto va entre comillas"},
    {NULL, "mapping keys are not allowed", AT_PROBLEM,
     "a text that begins with ? must be in quotes", "un texto que empieza con ? va entre comillas"},
    {NULL, "block sequence entries are not allowed", AT_PROBLEM,
     "a list written with \"- \" begins on a line of its own, below its name",
     "una lista escrita con \"- \" empieza en su propia línea, debajo de su nombre"},
    {"while parsing a block mapping", "", AT_PROBLEM,
     "this does not fit the lines above: entries that belong together begin in the same column, "
     "and nothing may "
     "follow a closing quote",
     "esto no encaja con las líneas de arriba: las entradas de un mismo grupo empiezan en la misma "
     "columna, y nada puede seguir a las comillas que cierran"},
    {"while parsing a block collection", "", AT_PROBLEM,
     "this does not fit the list above: each of its entries begins with \"- \" in the same column",
     "esto no encaja con la lista de arriba: cada entrada empieza con \"- \" en la misma columna"},
    {"while parsing a flow sequence", "", AT_START,
     "in the list that opens here with [ a comma or the closing ] is missing",
     "en la lista que abre aquí con [ falta una coma o el ] que la cierra"},
    {"while parsing a flow mapping", "", AT_START,
     "in the group that opens here with { a comma or the closing } is missing",
     "en el grupo que abre aquí con { falta una coma o el } que lo cierra"},
    {"while parsing a flow node", "", AT_PROBLEM, "a value is missing here", "aquí falta un valor"},
    {"while parsing a block node", "", AT_PROBLEM,
     "a value is missing here; a text that begins with a comma, ] or } must be in quotes",
     "aquí falta un valor; un texto que empieza con una coma, ] o } va entre comillas"},
    {"while scanning a plain scalar", "", AT_PROBLEM, "this text must be in quotes",
     "este texto va entre comillas"},
    {"while scanning for the next token", "", AT_PROBLEM,
     "a text that begins with %, @ or ` must be in quotes",
     "un texto que empieza con %, @ o ` va entre comillas"},
    {"while scanning a directive", "", AT_START, "a line cannot begin with %",
     "una línea no puede empezar con %"},
    {"while scanning a %", "", AT_START, "a line cannot begin with %",
     "una línea no puede empezar con %"},
    {NULL, "found incompatible YAML document", AT_PROBLEM, "a line cannot begin with %",
     "una línea no puede empezar con %"},
    {NULL, "did not find expected <document start>", AT_PROBLEM,
     "this does not fit what stands above: look at the spaces at the beginning of the line, and at "
     "the \":\" after "
     "its name",
     "esto no encaja con lo de arriba: revisa los espacios al inicio de la línea y el \":\" "
     "después del "
     "nombre"},
};

static bool begins(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static const struct sentence *find_sentence(const yaml_parser_t *parser)
{
    const char *context = parser->context != NULL ? parser->context : "";
    const char *problem = parser->problem != NULL ? parser->problem : "";
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        const struct sentence *sentence = &sentences[i];
        if ((sentence->context == NULL || begins(context, sentence->context)) &&
            begins(problem, sentence->problem))
            return sentence;
    }
    return NULL;
}

static struct mark mark_of(const struct source *source, yaml_mark_t place)
{
    return (struct mark){source->file, (unsigned)place.line + 1, (unsigned)place.column + 1};
}

/* ---------------------------------------------------------------- causes that libyaml does not
 * name */

static const char no_break_space[] = "\xc2\xa0";

struct line {
    const char *bytes;
    size_t length;
};

/* Line `number` from 0; empty behind the last. */
static struct line find_line(const struct source *source, size_t number)
{
    const char *at = source->bytes;
    const char *end = source->bytes + source->length;
    for (; number > 0 && at < end; at++)
        if (*at == '\n' || (*at == '\r' && (at + 1 == end || at[1] != '\n')))
            number--;
    struct line line = {at, 0};
    while (at + line.length < end && at[line.length] != '\n' && at[line.length] != '\r')
        line.length++;
    return line;
}

/* Whether `character` stands among the blanks at the beginning of the line; *column from 1. */
static bool indented_with(struct line line, const char *character, unsigned *column)
{
    *column = 1;
    size_t i = 0;
    while (i < line.length) {
        if (line.length - i >= strlen(character) && begins(line.bytes + i, character))
            return true;
        if (line.length - i >= 2 && memcmp(line.bytes + i, no_break_space, 2) == 0)
            i++;
        else if (line.bytes[i] != ' ' && line.bytes[i] != '\t')
            return false;
        i++;
        ++*column;
    }
    return false;
}

void yaml_fault_tell_no_break_space(struct mark mark, struct diagnostics *diagnostics)
{
    diagnostics_error(diagnostics, mark,
                      in_language("a no-break space at line %u (it looks like a space, and comes "
                                  "with copied text); YAML wants ordinary spaces",
                                  "hay un espacio de no separación en la línea %u (parece un "
                                  "espacio y viene con texto copiado); YAML quiere espacios "
                                  "normales"),
                      mark.line);
}

/* Inside [ ], { } and quotes a line may be indented with anything. */
static bool tell_of_indentation(const yaml_parser_t *parser, const struct source *source,
                                struct diagnostics *diagnostics)
{
    const char *context = parser->context != NULL ? parser->context : "";
    if (begins(context, "while parsing a flow") || begins(context, "while scanning a quoted"))
        return false;
    struct line line = find_line(source, parser->problem_mark.line);
    struct mark mark = {source->file, (unsigned)parser->problem_mark.line + 1, 0};
    if (indented_with(line, "\t", &mark.column))
        diagnostics_error(diagnostics, mark,
                          in_language("a tab at line %u; YAML wants spaces",
                                      "hay un tabulador en la línea %u; YAML quiere espacios"),
                          mark.line);
    else if (indented_with(line, no_break_space, &mark.column))
        yaml_fault_tell_no_break_space(mark, diagnostics);
    else
        return false;
    return true;
}

/* Inside [ ] and { } a ${NAME} needs quotes: its brace is YAML's. */
static bool tell_of_reference(const yaml_parser_t *parser, const struct source *source,
                              struct diagnostics *diagnostics)
{
    if (parser->context == NULL || !begins(parser->context, "while parsing a flow"))
        return false;
    struct line line = find_line(source, parser->problem_mark.line);
    const char *dollar = memmem(line.bytes, line.length, "${", 2);
    if (dollar == NULL)
        return false;
    diagnostics_error(diagnostics, encoding_mark(source, (size_t)(dollar - source->bytes)), "%s",
                      in_language("inside [ ] and { } a ${…} must be in quotes: \"${NAME}\"",
                                  "dentro de [ ] y { } un ${…} va entre comillas: \"${NOMBRE}\""));
    return true;
}

static void tell_in_words(const yaml_parser_t *parser, const struct source *source,
                          struct diagnostics *diagnostics)
{
    const struct sentence *sentence = find_sentence(parser);
    bool is_at_start = sentence != NULL && sentence->place == AT_START && parser->context != NULL;
    struct mark mark = mark_of(source, is_at_start ? parser->context_mark : parser->problem_mark);
    if (sentence != NULL)
        diagnostics_error(diagnostics, mark, "%s",
                          in_language(sentence->english, sentence->spanish));
    else
        diagnostics_error(
            diagnostics, mark,
            in_language("this cannot be read as YAML (%s)", "esto no se puede leer como YAML (%s)"),
            parser->problem != NULL ? parser->problem : "?");
}

void yaml_fault_tell(const yaml_parser_t *parser, const struct source *source, unsigned quiet_line,
                     struct diagnostics *diagnostics)
{
    require(parser->error != YAML_MEMORY_ERROR);
    bool is_told = quiet_line != 0 && quiet_line == parser->problem_mark.line + 1;
    if (!is_told && !tell_of_indentation(parser, source, diagnostics) &&
        !tell_of_reference(parser, source, diagnostics))
        tell_in_words(parser, source, diagnostics);
}
