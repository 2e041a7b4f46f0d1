/* options - fills a struct from a map of values by an option table: one parser and one checker for
 * the daemon's own sections and for every plugin. The table's rows are those of plugin.h. */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include "base/error.h"
#include "config/value.h"
#include "plugin.h"

/* What became of a map. */
enum options_result {
    OPTIONS_FINE,
    OPTIONS_UNCONFIGURED, /* a required option was left empty by ${NAME:-}: no error; the struct is
                             not to be used */
    OPTIONS_WRONG         /* said in diagnostics */
};

/* Fills `target` (zeroed by the caller, laid out as the table says) from `map`; NULL map: the
 * defaults. Texts, lists and maps live in the arena. `what` names the owner in messages: `channel
 * "whatsapp"`. `known` are further keys of the map that somebody else reads (known_count of them):
 * not unknown, not touched. An unknown key, a wrong type, a value out of range or a required option
 * that is absent is an error, each at its line and column, with a suggestion where a key is nearly
 * right.
 * A blank value is an absent one: its default counts. But a required one left blank by hand is an
 * error, and one that ${NAME:-} left empty makes the whole unconfigured. An optional record that is
 * absent or unconfigured stays zeroed; where nothing in it is required, an absent one has its
 * defaults. Wrong values are quoted in messages, but never a secret's, nor one that came out of the
 * environment.
 * `<name>_file: PATH` of a secret option (not of a map) reads the file (relative to the YAML file;
 * one line end is taken off). Of a list or a map, what ${NAME:-} left empty is not there. Tables of
 * plugins may have been compiled with fewer members a row: item_size is honoured. */
enum options_result options_read(const struct handoffd_options *options, const struct value *map,
                                 const struct mark *owner_mark, const char *what,
                                 const char *const *known, size_t known_count, void *target,
                                 struct arena *arena, struct diagnostics *diagnostics);

/* Row `index` of a table, as this daemon knows rows: members that the table's compiler did not have
 * are zero. */
struct handoffd_option options_row(const struct handoffd_options *options, size_t index);

/* Faults of the table itself (a plugin's mistake): a row without name, an unknown type, a default
 * that does not parse, a map with a default, a secret that is a
 * number or a boolean, a member outside `target_size`, the same name twice, a
 * least value above the most. */
bool options_check_table(const struct handoffd_options *options, size_t target_size,
                         struct error *error) MUST_CHECK;

/* A number of this row, as it is written in vendors.yaml: of a duration "10s", "5m". */
const char *options_number_text(const struct handoffd_option *row, int64_t number,
                                struct arena *arena);

/* "500ms", "8s", "10m", "24h", "3d" to milliseconds. */
bool options_parse_duration(const char *text, int64_t *ms);

#endif
