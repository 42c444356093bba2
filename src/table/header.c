#include "table/header.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "table/content.h"
#include "table/permission.h"

// Names of a header of 1 MiB, folded (NFKC makes at most 18 bytes of one) and as messages show them.
#define NAME_ARENA_BYTES ((size_t)256 << 20)

enum { LISTED_BYTES_MAX = 1000, SHOWN_BYTES_MAX = 160 };

static const struct {
    ps_column column;
    const char *header;
} synonyms[] = {
#define PS_SYNONYM(column, header) {PS_COLUMN_##column, header},
#include "table/synonyms.def"
#undef PS_SYNONYM
};

// The mapping of one file while it is made.
typedef struct mapping {
    const ps_recipients *recipients;
    ps_layout *layout;
    ps_sample sample;
    ps_arena arena;
    ps_column *columns; // what each column of the file is, or PS_COLUMN_COUNT
    bool *declared;
} mapping;

// ---- names in messages

static const char *keep_text(mapping *map, ps_buf *text)
{
    const char *kept = ps_arena_copy(&map->arena, ps_span_of(ps_buf_text(text))).bytes;
    ps_buf_done(text);
    return kept;
}

static ps_span cut_name(ps_span name)
{
    size_t len = name.len < SHOWN_BYTES_MAX ? name.len : SHOWN_BYTES_MAX;
    while (len < name.len && len > 0 && ((unsigned char)name.bytes[len] & 0xc0) == 0x80)
        len--;
    return (ps_span){name.bytes, len};
}

static const char *shown(mapping *map, size_t index)
{
    ps_buf text;
    ps_buf_init(&text, SHOWN_BYTES_MAX * 8);
    if (map->layout->headerless) {
        ps_buf_add_format(&text, "column %zu", index + 1);
    } else {
        ps_buf_add_char(&text, '\'');
        ps_add_visible(&text, cut_name(map->layout->names[index]));
        ps_buf_add_char(&text, '\'');
    }
    return keep_text(map, &text);
}

static bool is_plain_yaml(ps_span name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char byte = (unsigned char)name.bytes[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80;
        bool inner = i > 0 && i + 1 < name.len && (byte == ' ' || byte == '-' || byte == '_');
        if (!letter && !inner && (i == 0 || byte < '0' || byte > '9')) return false;
    }
    return name.len > 0;
}

// The column as the job file names it.
static const char *as_yaml(mapping *map, size_t index)
{
    ps_buf text;
    ps_buf_init(&text, SHOWN_BYTES_MAX * 8);
    if (map->layout->headerless) {
        ps_buf_add_format(&text, "%zu", index + 1);
        return keep_text(map, &text);
    }
    ps_span name = ps_ascii_trim(map->layout->names[index]);
    bool plain = is_plain_yaml(name);
    if (!plain) ps_buf_add_char(&text, '"');
    for (size_t offset = 0; offset < name.len;) {
        size_t start = offset;
        ps_utf8_next(name, &offset); // what is no text is shown as escapes
        if (name.bytes[start] == '"' || name.bytes[start] == '\\') ps_buf_add_char(&text, '\\');
        ps_add_visible(&text, (ps_span){name.bytes + start, offset - start});
    }
    if (!plain) ps_buf_add_char(&text, '"');
    return keep_text(map, &text);
}

// "Its columns are: ...", so that nobody has to open the file.
static const char *all_headers(mapping *map)
{
    const ps_layout *layout = map->layout;
    ps_buf text;
    size_t i = 0;

    ps_buf_init(&text, LISTED_BYTES_MAX + SHOWN_BYTES_MAX * 8);
    if (layout->headerless) {
        ps_buf_add_format(&text, "It has %zu columns and no header.", layout->column_count);
        return keep_text(map, &text);
    }
    ps_buf_add_text(&text, "Its columns are: ");
    for (; i < layout->column_count && text.len < LISTED_BYTES_MAX; i++) {
        if (i > 0) ps_buf_add_text(&text, ", ");
        ps_add_visible(&text, cut_name(layout->names[i]));
    }
    ps_buf_add_text(&text, i < layout->column_count ? ", and more." : ".");
    return keep_text(map, &text);
}

// ---- declared columns

static const char *nearest_header(mapping *map, const char *wanted)
{
    size_t count = map->layout->column_count;
    const char **names = ps_arena_take(&map->arena, count * sizeof *names);

    for (size_t i = 0; i < count; i++)
        names[i] = ps_arena_copy(&map->arena, map->layout->names[i]).bytes;
    return ps_did_you_mean(wanted, names, count);
}

static ps_status refuse_unknown(mapping *map, ps_column column, ps_error *err)
{
    const char *wanted = map->recipients->columns[column];
    const char *nearest = map->layout->headerless ? NULL : nearest_header(map, wanted);

    ps_error_set(err, map->layout->bad, "The job takes `%s` from the column '%s', which %s does not have. %s",
                 ps_column_name(column), wanted, map->layout->file, all_headers(map));
    if (nearest != NULL) {
        ps_error_hint(err, "Did you mean '%s'?", nearest);
    } else if (map->layout->headerless) {
        ps_error_hint(err, "Without a header columns are numbers from 1, such as: columns: {%s: 1}",
                      ps_column_name(column));
    } else {
        ps_error_hint(err, "Write one of these names in the job file.");
    }
    return map->layout->bad;
}

static bool is_wanted(const mapping *map, size_t index, const char *wanted)
{
    if (!map->layout->headerless) {
        return ps_span_equal(ps_ascii_trim(map->layout->names[index]), ps_ascii_trim(ps_span_of(wanted)));
    }
    char *end;
    unsigned long number = strtoul(wanted, &end, 10);
    return wanted[0] >= '1' && wanted[0] <= '9' && *end == '\0' && number == index + 1;
}

static ps_status map_declared(mapping *map, ps_column column, ps_error *err)
{
    const char *wanted = map->recipients->columns[column];
    const ps_layout *layout = map->layout;
    size_t found = layout->column_count;

    for (size_t i = 0; i < layout->column_count; i++) {
        if (!is_wanted(map, i, wanted)) continue;
        if (found < layout->column_count) {
            ps_error_set(err, layout->bad, "The job takes `%s` from the column '%s', which %s has twice.",
                         ps_column_name(column), wanted, layout->file);
            ps_error_hint(err, "Rename one of them in the file.");
            return layout->bad;
        }
        found = i;
    }
    if (found == layout->column_count) return refuse_unknown(map, column, err);
    if (map->columns[found] != PS_COLUMN_COUNT) {
        ps_error_set(err, layout->bad, "The job takes both `%s` and `%s` from the column '%s' of %s.",
                     ps_column_name(map->columns[found]), ps_column_name(column), wanted, layout->file);
        ps_error_hint(err, "Take each from a column of its own, or leave one out.");
        return layout->bad;
    }
    map->columns[found] = column;
    map->declared[found] = true;
    return PS_OK;
}

static ps_status map_all_declared(mapping *map, ps_error *err)
{
    ps_status status = PS_OK;

    for (int column = 0; column < PS_COLUMN_COUNT && status == PS_OK; column++) {
        if (map->recipients->columns[column] != NULL) status = map_declared(map, (ps_column)column, err);
    }
    return status;
}

// ---- columns by name

static bool has_header(mapping *map, const char *folded)
{
    for (size_t i = 0; i < map->layout->column_count; i++) {
        if (ps_span_equal(ps_header_fold(map->layout->names[i], &map->arena), ps_span_of(folded))) return true;
    }
    return false;
}

// HubSpot writes a column for each kind of mail. Who left any of them is not mailed: which kind this campaign is, the
// file does not say. Its export of unsubscribes names the kind alone, and yes means that it was left.
static bool is_optout_of_kind(mapping *map, ps_span folded)
{
    static const char prefix[] = "optedoutofemail:", kind[] = "marketinginformation";

    if (ps_span_equal(folded, ps_span_of(kind))) return has_header(map, "portalunsubscribe");
    return folded.len > sizeof prefix - 1 && memcmp(folded.bytes, prefix, sizeof prefix - 1) == 0;
}

static ps_column column_of_header(mapping *map, size_t index)
{
    ps_span folded = ps_header_fold(map->layout->names[index], &map->arena);

    if (is_optout_of_kind(map, folded)) return PS_COLUMN_OPTOUT;
    for (size_t i = 0; i < PS_COUNT_OF(synonyms); i++) {
        if (ps_span_equal(folded, ps_span_of(synonyms[i].header))) return synonyms[i].column;
    }
    for (int column = 0; column < PS_COLUMN_COUNT; column++) {
        ps_span own = ps_header_fold(ps_span_of(ps_column_name((ps_column)column)), &map->arena);
        if (ps_span_equal(folded, own)) return (ps_column)column;
    }
    return PS_COLUMN_COUNT;
}

// A reason stands where there was a bounce: any text says yes.
static bool is_reason(mapping *map, size_t index)
{
    static const char *const reasons[] = {"emailhardbouncereason", "emailbouncedreason"};

    if (map->layout->headerless) return false;
    ps_span folded = ps_header_fold(map->layout->names[index], &map->arena);
    for (size_t i = 0; i < PS_COUNT_OF(reasons); i++) {
        if (ps_span_equal(folded, ps_span_of(reasons[i]))) return true;
    }
    return false;
}

static bool is_flag(ps_column column)
{
    ps_column_kind kind = ps_column_kind_of(column);
    return kind == PS_COLUMN_KIND_FLAG_GOOD || kind == PS_COLUMN_KIND_FLAG_BAD || kind == PS_COLUMN_KIND_FLAG;
}

// A column that says when, and by that whether.
static bool is_date_of(ps_column column)
{
    return column == PS_COLUMN_OPTOUT_AT;
}

static ps_status refuse_flag(const mapping *map, size_t index, const char *name, const ps_content *content,
                             ps_error *err)
{
    ps_column column = map->columns[index];
    bool date = is_date_of(column), bad = ps_column_kind_of(column) == PS_COLUMN_KIND_FLAG_BAD;
    size_t understood = (date ? 0 : content->flags) + (bad ? content->dates : 0);

    ps_error_set(err, map->layout->bad, "%s of %s %s `%s`, but only %zu of its first %zu filled cells %s.", name,
                 map->layout->file, map->declared[index] ? "is declared as" : "is named like", ps_column_name(column),
                 understood, content->filled, date ? "are dates" : "say yes or no");
    if (date) {
        ps_error_hint(err,
                      "Write its cells as dates such as 2024-02-01 (also 2024/2/1, 20240201, 令和6年2月1日), empty "
                      "where nothing happened, or rename the column if it says something else. If another column says "
                      "it: columns: {%s: ITS HEADER}. If it says yes or no: columns: {optout: ITS HEADER}",
                      ps_column_name(column));
    } else {
        ps_error_hint(err,
                      "Write its cells as yes and no (also 1 0, true false, ○ ×, 希望する 希望しない)%s, or rename the "
                      "column if it says something else. If another column says it: columns: {%s: ITS HEADER}",
                      bad ? " or as dates" : "", ps_column_name(column));
    }
    return map->layout->bad;
}

// Whether yes means "may be sent to" or "must not" is never guessed, and neither is a word that is not known; and a
// column that may say that someone opted out is never passed over.
static ps_status check_flag(mapping *map, size_t index, ps_error *err)
{
    ps_column column = map->columns[index];
    ps_content content = ps_content_of(&map->sample, index);
    size_t understood = content.flags;

    if (ps_column_kind_of(column) == PS_COLUMN_KIND_FLAG_BAD) understood += content.dates;
    if (content.filled == 0 || ps_content_most(understood, content.filled)) return PS_OK;
    if (column == PS_COLUMN_BOUNCED && (map->declared[index] || is_reason(map, index))) return PS_OK;
    return refuse_flag(map, index, shown(map, index), &content, err);
}

// The job has said by which column it is known who may be mailed.
static bool says_permission(const ps_recipients *recipients)
{
    return recipients->columns[PS_COLUMN_OPTIN] != NULL || recipients->columns[PS_COLUMN_OPTOUT] != NULL ||
           recipients->columns[PS_COLUMN_STATUS] != NULL;
}

// A column of yes and no that is about mailing, by its name, and in no known sense: passing it over could mail those
// who said no.
static ps_status refuse_unsaid(mapping *map, size_t index, ps_error *err)
{
    ps_content content = ps_content_of(&map->sample, index);
    bool named = ps_permission_is_named(ps_header_fold(map->layout->names[index], &map->arena));

    if (!named || !ps_content_most(content.flags, content.filled)) return PS_OK;
    if (map->recipients->activity || says_permission(map->recipients)) return PS_OK;
    const char *name = as_yaml(map, index);
    ps_error_set(err, map->layout->bad,
                 "%s of %s seems to say who may be mailed, but not whether yes means may or must not.",
                 shown(map, index), map->layout->file);
    ps_error_hint(err,
                  "Say it in the job file: columns: {optin: %s} if yes means may be mailed, columns: {optout: %s} if "
                  "yes means must not; if it is about something else: columns: {tags: %s}",
                  name, name, name);
    return map->layout->bad;
}

static size_t find_mapped(const mapping *map, ps_column column)
{
    size_t i = 0;
    while (i < map->layout->column_count && map->columns[i] != column)
        i++;
    return i;
}

static ps_status refuse_two(mapping *map, ps_column column, size_t first, size_t second, ps_error *err)
{
    ps_error_set(err, map->layout->bad, "In %s both %s and %s could be `%s`.", map->layout->file, shown(map, first),
                 shown(map, second), ps_column_name(column));
    ps_error_hint(err, "Say which it is in the job file: columns: {%s: %s}", ps_column_name(column),
                  as_yaml(map, first));
    return map->layout->bad;
}

// Does it matter which of two columns is taken? Several opt-out columns all count; names and the like decide nothing.
static bool is_exclusive(const mapping *map, ps_column column)
{
    ps_column_kind kind = ps_column_kind_of(column);
    if (column == PS_COLUMN_ID && map->recipients->needs_id) return true;
    return kind != PS_COLUMN_KIND_TEXT && kind != PS_COLUMN_KIND_FLAG_BAD && column != PS_COLUMN_UPDATED_AT;
}

static ps_status propose(mapping *map, size_t index, ps_error *err)
{
    ps_column column = column_of_header(map, index);

    if (column == PS_COLUMN_COUNT) return refuse_unsaid(map, index, err);
    if (column == PS_COLUMN_EMAIL) return PS_OK;
    bool repeats = ps_column_kind_of(column) == PS_COLUMN_KIND_FLAG_BAD;
    size_t taken = find_mapped(map, column);
    bool is_taken = taken < map->layout->column_count && !repeats;
    if (is_taken && map->declared[taken]) return PS_OK; // the job says which
    if (ps_column_kind_of(column) == PS_COLUMN_KIND_DATE) {
        ps_content content = ps_content_of(&map->sample, index);
        if (content.filled > 0 && content.dates == 0) return PS_OK; // `created` may be a person
    }
    if (is_taken) return is_exclusive(map, column) ? refuse_two(map, column, taken, index, err) : PS_OK;
    map->columns[index] = column;
    return PS_OK;
}

static ps_status propose_all(mapping *map, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < map->layout->column_count && status == PS_OK; i++) {
        if (!map->layout->headerless && map->columns[i] == PS_COLUMN_COUNT) status = propose(map, i, err);
    }
    for (size_t i = 0; i < map->layout->column_count && status == PS_OK; i++) {
        if (map->columns[i] != PS_COLUMN_COUNT && is_flag(map->columns[i])) status = check_flag(map, i, err);
    }
    return status;
}

// ---- the address column

// Columns that could be the address.
typedef struct candidates {
    size_t count; // by name and content (without a header: by content)
    size_t first, second; // of these
    size_t named, refuted; // by name; the last one whose content says no
    size_t fitting, first_fitting; // by content, whatever the name
} candidates;

static void judge_candidate(mapping *map, size_t index, candidates *found)
{
    ps_content content = ps_content_of(&map->sample, index);
    bool fits = ps_content_most(content.addresses, content.filled);
    bool named = !map->layout->headerless && column_of_header(map, index) == PS_COLUMN_EMAIL;
    // A postal address has this name more often.
    bool weak = named && ps_span_equal(ps_header_fold(map->layout->names[index], &map->arena), ps_span_of("address"));
    bool taken = map->layout->headerless ? fits : named && (fits || (content.filled == 0 && !weak));

    if (fits && found->fitting++ == 0) found->first_fitting = index;
    if (named && !weak) found->named++;
    if (named && !weak && !taken) found->refuted = index;
    if (!taken) return;
    if (found->count == 0) found->first = index;
    if (found->count == 1) found->second = index;
    found->count++;
}

static bool header_is_data(const mapping *map)
{
    for (size_t i = 0; !map->layout->headerless && i < map->layout->column_count; i++) {
        ps_span name = map->layout->names[i];
        if (name.len > 0 && memchr(name.bytes, '@', name.len) != NULL) return true;
    }
    return false;
}

static ps_status refuse_none(mapping *map, const candidates *found, ps_error *err)
{
    const ps_layout *layout = map->layout;

    if (found->named > 0) {
        ps_content content = ps_content_of(&map->sample, found->refuted);
        ps_error_set(err, layout->bad,
                     "%s of %s is named like the address, but only %zu of its first %zu filled cells hold one @.",
                     shown(map, found->refuted), layout->file, content.addresses, content.filled);
        ps_error_hint(err, "If it is the address, say so in the job file: columns: {email: %s}",
                      as_yaml(map, found->refuted));
    } else if (header_is_data(map)) {
        ps_error_set(err, layout->bad, "The first line of %s is no header: it holds an address.", layout->file);
        ps_error_hint(err, "If the file has no header, say so in the job file: header: none");
    } else if (layout->headerless) {
        ps_error_set(err, layout->bad, "No column of %s holds one @ in nine of ten cells. %s", layout->file,
                     all_headers(map));
        ps_error_hint(err, "Say which column is the address in the job file: columns: {email: 1}");
    } else {
        bool one = found->fitting == 1;
        ps_error_set(err, layout->bad, "No column of %s is named like an e-mail address. %s", layout->file,
                     all_headers(map));
        ps_error_hint(err, "%s: columns: {email: %s}",
                      one ? "Its cells look like addresses, so say it in the job file"
                          : "Say which it is in the job file",
                      one ? as_yaml(map, found->first_fitting) : "ITS HEADER");
    }
    return layout->bad;
}

static ps_status find_email(mapping *map, ps_error *err)
{
    candidates found = {.count = 0};

    if (map->recipients->no_email) return PS_OK;
    if (find_mapped(map, PS_COLUMN_EMAIL) < map->layout->column_count) return PS_OK; // declared
    for (size_t i = 0; i < map->layout->column_count; i++) {
        if (map->columns[i] == PS_COLUMN_COUNT) judge_candidate(map, i, &found);
    }
    if (found.count == 0) return refuse_none(map, &found, err);
    if (found.count > 1) return refuse_two(map, PS_COLUMN_EMAIL, found.first, found.second, err);
    map->columns[found.first] = PS_COLUMN_EMAIL;
    return PS_OK;
}

// ---- the id column, where rows are joined by it

static ps_status check_id(mapping *map, ps_error *err)
{
    if (!map->recipients->needs_id || find_mapped(map, PS_COLUMN_ID) < map->layout->column_count) return PS_OK;
    ps_error_set(err, map->layout->bad, "Rows are joined by their id, but no column of %s is named like one. %s",
                 map->layout->file, all_headers(map));
    ps_error_hint(err, "Say which it is in the job file: columns: {id: %s}, or join by the address: key: email",
                  map->layout->headerless ? "1" : "ITS HEADER");
    return map->layout->bad;
}

// ---- the whole

// presend adds such columns to the lists of rows it took out.
static ps_status refuse_own_names(mapping *map, ps_error *err)
{
    static const char prefix[] = "presend_";

    for (size_t i = 0; !map->layout->headerless && i < map->layout->column_count; i++) {
        ps_span name = ps_ascii_trim(map->layout->names[i]);
        if (name.len < sizeof prefix - 1) continue;
        if (!ps_ascii_equal_fold((ps_span){name.bytes, sizeof prefix - 1}, ps_span_of(prefix))) continue;
        ps_error_set(err, map->layout->bad,
                     "%s has the column %s: it is an output of presend, not a list of recipients.", map->layout->file,
                     shown(map, i));
        ps_error_hint(err, "Take the original file, or rename or remove the columns that begin with presend_.");
        return map->layout->bad;
    }
    return PS_OK;
}

static ps_status fill_layout(mapping *map, ps_error *err)
{
    ps_layout *layout = map->layout;
    size_t count = 0;

    for (size_t i = 0; i < layout->column_count; i++) {
        if (map->columns[i] == PS_COLUMN_COUNT) continue;
        if (count == PS_MAPPED_MAX) {
            ps_error_set(err, layout->bad, "%s has more than %d columns that presend would read.", layout->file,
                         PS_MAPPED_MAX);
            ps_error_hint(err, "Export only the columns that are needed.");
            return layout->bad;
        }
        layout->mapped[count++] = (ps_mapped){map->columns[i], (uint32_t)i, map->declared[i]};
    }
    layout->mapped_count = count;
    return PS_OK;
}

static ps_status map_columns(mapping *map, ps_error *err)
{
    size_t count = map->layout->column_count;

    map->columns = ps_arena_take(&map->arena, count * sizeof *map->columns);
    map->declared = ps_arena_take(&map->arena, count * sizeof *map->declared);
    for (size_t i = 0; i < count; i++)
        map->columns[i] = PS_COLUMN_COUNT;
    ps_status status = refuse_own_names(map, err);
    if (status == PS_OK) status = map_all_declared(map, err);
    if (status == PS_OK) status = find_email(map, err);
    if (status == PS_OK) status = propose_all(map, err);
    if (status == PS_OK) status = check_id(map, err);
    if (status == PS_OK) status = fill_layout(map, err);
    return status;
}

ps_status ps_header_map(const ps_recipients *recipients, ps_reader *reader, ps_error *err)
{
    mapping map = {.recipients = recipients, .layout = ps_reader_layout(reader)};

    map.sample.cells = ps_reader_sample(reader, &map.sample.rows);
    map.sample.column_count = map.layout->column_count;
    ps_status status = ps_arena_open(NAME_ARENA_BYTES, &map.arena, err);
    if (status != PS_OK) return status;
    status = map_columns(&map, err);
    ps_arena_close(&map.arena);
    return status;
}
