// `presend suppress export`: files in the form and limits of what another ESP imports.

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/suppress.h"
#include "report/view.h"

#define BIT(class) (1U << PS_CLASS_##class)
#define EVERY (BIT(COMPLAINT) | BIT(UNSUBSCRIBE) | BIT(MANUAL) | BIT(HARD) | BIT(INVALID) | BIT(UNKNOWN))

enum { PIECE_BYTES = 25 << 20, PIECE_ROWS = 100000, ROW_BYTES = 2048 }; // a row is an address, a reason and a date

// One file of a form. Blocks and soft bounces suppress nobody, so no form takes them.
typedef struct export_file {
    const char *form, *name;
    unsigned classes;
    const char *header; // with its line end; "" where the form has none
    void (*row)(ps_buf *out, const ps_stored_source *source, const char *list, const ps_stored_entry *entry);
    uint64_t rows_max, bytes_max; // of a piece; 0: no limit
} export_file;

static void add_cell(ps_buf *out, ps_span text, char end)
{
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++)
        quoted = quoted || strchr(",\"\r\n", text.bytes[i]) != NULL;
    if (quoted) ps_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.bytes[i] == '"') ps_buf_add_char(out, '"');
        ps_buf_add_char(out, text.bytes[i]);
    }
    if (quoted) ps_buf_add_char(out, '"');
    ps_buf_add_char(out, end);
}

// RFC 5322, in UTC; empty where it is not known.
static void add_date(ps_buf *out, int64_t seconds)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; // 1970-01-01 was a Thursday
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int year, month, day_of_month;
    int64_t of_day = seconds % 86400;
    ps_day day = (ps_day)(seconds / 86400);

    if (seconds <= 0) return;
    ps_day_split(day, &year, &month, &day_of_month);
    ps_buf_add_format(out, "\"%s, %02d %s %04d %02d:%02d:%02d UTC\"", days[day % 7], day_of_month, months[month - 1],
                      year, (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60));
}

static void row_plain(ps_buf *out, const ps_stored_source *source, const char *list, const ps_stored_entry *entry)
{
    (void)source;
    (void)list;
    ps_buf_add_span(out, entry->text);
    ps_buf_add_char(out, '\n');
}

static void row_email(ps_buf *out, const ps_stored_source *source, const char *list, const ps_stored_entry *entry)
{
    (void)source;
    (void)list;
    add_cell(out, entry->text, '\n');
}

static void row_csv(ps_buf *out, const ps_stored_source *source, const char *list, const ps_stored_entry *entry)
{
    char time[PS_TIME_TEXT_SIZE] = "";

    if (entry->created_s > 0) ps_time_text(entry->created_s, time);
    add_cell(out, entry->text, ',');
    add_cell(out, ps_span_of(ps_class_word(entry->class)), ',');
    add_cell(out, ps_span_of(source->name), ',');
    add_cell(out, ps_span_of(list), ',');
    add_cell(out, ps_span_of(time), ',');
    add_cell(out, entry->code, ',');
    add_cell(out, entry->reason, '\n');
}

static void row_mailgun_bounce(ps_buf *out, const ps_stored_source *source, const char *list,
                               const ps_stored_entry *entry)
{
    (void)source;
    (void)list;
    add_cell(out, entry->text, ',');
    add_cell(out, entry->code, ',');
    add_cell(out, entry->reason, ',');
    add_date(out, entry->created_s);
    ps_buf_add_char(out, '\n');
}

static void row_mailgun_complaint(ps_buf *out, const ps_stored_source *source, const char *list,
                                  const ps_stored_entry *entry)
{
    (void)source;
    (void)list;
    add_cell(out, entry->text, ',');
    add_date(out, entry->created_s);
    ps_buf_add_char(out, '\n');
}

// `*`: from everything. A tag of another account says nothing in this one.
static void row_mailgun_unsubscribe(ps_buf *out, const ps_stored_source *source, const char *list,
                                    const ps_stored_entry *entry)
{
    (void)source;
    (void)list;
    add_cell(out, entry->text, ',');
    ps_buf_add_text(out, "*,");
    add_date(out, entry->created_s);
    ps_buf_add_char(out, '\n');
}

// SES knows two reasons: what a person wished is a complaint there.
static void row_ses(ps_buf *out, const ps_stored_source *source, const char *list, const ps_stored_entry *entry)
{
    bool wish = entry->class == PS_CLASS_COMPLAINT || entry->class == PS_CLASS_UNSUBSCRIBE;
    (void)source;
    (void)list;

    add_cell(out, entry->text, ',');
    ps_buf_add_text(out, wish ? "COMPLAINT\n" : "BOUNCE\n");
}

static const export_file files[] = {
    {"csv", "suppressed", EVERY, "address,class,source,list,created_at,code,reason\n", row_csv, 0, 0},
    {"plain", "suppressed", EVERY, "", row_plain, 0, 0},
    {"mailgun", "mailgun-bounces", BIT(HARD) | BIT(INVALID) | BIT(UNKNOWN), "address,code,error,created_at\n",
     row_mailgun_bounce, 0, PIECE_BYTES},
    {"mailgun", "mailgun-complaints", BIT(COMPLAINT), "address,created_at\n", row_mailgun_complaint, 0, PIECE_BYTES},
    {"mailgun", "mailgun-unsubscribes", BIT(UNSUBSCRIBE) | BIT(MANUAL), "address,tags,created_at\n",
     row_mailgun_unsubscribe, 0, PIECE_BYTES},
    {"sendgrid", "sendgrid-unsubscribes", EVERY, "email\n", row_email, 0, 0},
    {"ses", "ses-suppressed", EVERY, "", row_ses, PIECE_ROWS, 0},
};

enum { FILE_COUNT = PS_COUNT_OF(files), WRITE_BYTES = 1 << 20, BUFFER_BYTES_MAX = 8 << 20 };

// A file that is being written.
typedef struct writing {
    int fd; // -1: no row yet
    unsigned piece;
    uint64_t rows, bytes; // of the piece
    ps_buf out;
    char path[PATH_MAX];
} writing;

typedef struct exporting {
    ps_suppress *s;
    const char *form, *folder;
    const char *missing_from; // or NULL
    ps_suppression *all, *there; // everybody, strongest class first; and whom that source has
    ps_index written; // by match key
    const ps_stored_source *source;
    ps_expander expander;
    // What the entry at hand means: the first address of it.
    ps_hash key;
    bool known, gathering, domain;
    writing files[FILE_COUNT];
    uint64_t counts[FILE_COUNT], domains, digests, already_there, file_count;
} exporting;

// ---- files

static ps_status close_piece(writing *w, ps_error *err)
{
    if (w->fd == -1) return PS_OK;
    ps_status status = ps_buf_status(&w->out, "the export", err);
    if (status == PS_OK) status = ps_file_write(w->fd, ps_buf_span(&w->out), w->path, err);
    if (status == PS_OK && fsync(w->fd) != 0) {
        status = ps_error_set(err, PS_IO, "Cannot write '%s': %s.", w->path, strerror(errno));
    }
    if (close(w->fd) != 0 && status == PS_OK) {
        status = ps_error_set(err, PS_IO, "Cannot write '%s': %s.", w->path, strerror(errno));
    }
    w->fd = -1;
    ps_buf_clear(&w->out);
    return status;
}

// The first piece has no number: most lists have one.
static ps_status open_piece(exporting *x, size_t number, ps_error *err)
{
    writing *w = &x->files[number];
    char name[64], numbered[24] = "";
    const char *ending = strcmp(files[number].form, "plain") == 0 ? "txt" : "csv";

    w->piece++;
    if (w->piece > 1) snprintf(numbered, sizeof numbered, "-%u", w->piece);
    snprintf(name, sizeof name, "%s%s.%s", files[number].name, numbered, ending);
    if (!ps_path_join(x->folder, name, w->path, sizeof w->path)) {
        return ps_error_set(err, PS_USAGE, "The path of the folder '%s' is too long.", x->folder);
    }
    w->fd = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (w->fd == -1) {
        ps_error_set(err, PS_CREATE, "Cannot create '%s': %s.", w->path, strerror(errno));
        ps_error_hint(err, "Name another folder with -o: nothing that is there is written over.");
        return PS_CREATE;
    }
    x->file_count++;
    w->rows = w->bytes = 0;
    ps_buf_add_text(&w->out, files[number].header);
    return PS_OK;
}

static ps_status write_row(exporting *x, size_t number, const char *list, const ps_stored_entry *entry, ps_error *err)
{
    const export_file *file = &files[number];
    writing *w = &x->files[number];
    bool full = w->fd != -1 && ((file->rows_max != 0 && w->rows == file->rows_max) ||
                                (file->bytes_max != 0 && w->bytes + w->out.len + ROW_BYTES > file->bytes_max));
    ps_status status = full ? close_piece(w, err) : PS_OK;

    if (status == PS_OK && w->fd == -1) status = open_piece(x, number, err);
    if (status != PS_OK) return status;
    file->row(&w->out, x->source, list, entry);
    w->rows++;
    x->counts[number]++;
    if (w->out.len < WRITE_BYTES) return PS_OK;
    status = ps_buf_status(&w->out, "the export", err);
    if (status == PS_OK) status = ps_file_write(w->fd, ps_buf_span(&w->out), w->path, err);
    w->bytes += w->out.len;
    ps_buf_clear(&w->out);
    return status;
}

// ---- entries

static ps_status take(void *context, const ps_suppression_entry *found, bool *out_new, ps_error *err)
{
    exporting *x = context;
    ps_suppression_entry entry = *found;

    *out_new = false;
    x->domain = x->domain || found->domain || found->subdomains;
    if (!x->known && !x->domain) {
        x->known = true;
        x->key = ps_hash_of(found->key);
    }
    if (!x->gathering) return PS_OK;
    bool there = x->missing_from != NULL && strcmp(x->source->name, x->missing_from) == 0;
    entry.source = 0;
    entry.list = "";
    return ps_suppression_add(there ? x->there : x->all, &entry, out_new, err);
}

static ps_status gather_entry(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err)
{
    exporting *x = context;

    x->known = x->domain = false;
    if (list->allowlist || (EVERY >> entry->class & 1) == 0) return PS_OK;
    if (ps_stored_digest(entry->kind) != PS_DIGEST_NONE) return PS_OK; // whose it is nobody can say
    return ps_expand(&x->expander, list->name, entry, err);
}

static ps_status gather(void *context, const ps_stored_source *source, ps_error *err)
{
    exporting *x = context;

    x->source = source;
    return ps_store_entries(x->s->store, source, gather_entry, x, err);
}

static size_t file_of(const exporting *x, ps_class class)
{
    size_t number = 0;

    while (number < FILE_COUNT &&
           (strcmp(files[number].form, x->form) != 0 || (files[number].classes >> class & 1) == 0))
        number++;
    return number;
}

// Of the entries about one address the first of the strongest class is written.
static ps_status write_entry(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err)
{
    exporting *x = context;
    uint32_t ignored;
    bool added = false;
    ps_status status = gather_entry(context, list, entry, err);

    if (ps_stored_digest(entry->kind) != PS_DIGEST_NONE) x->digests++;
    if (status != PS_OK || (!x->known && !x->domain)) return status;
    if (x->domain) {
        x->domains++; // no ESP takes whole domains
        return PS_OK;
    }
    const ps_suppressed *strongest = ps_suppression_address(x->all, x->key);
    if (strongest == NULL || strongest->strongest != entry->class) return PS_OK;
    status = ps_index_claim(&x->written, x->key, 0, &ignored, &added, err);
    if (status != PS_OK || !added) return status;
    if (ps_suppression_address(x->there, x->key) != NULL) {
        x->already_there++;
        return PS_OK;
    }
    size_t number = file_of(x, entry->class);
    return number < FILE_COUNT ? write_row(x, number, list->name, entry, err) : PS_OK;
}

static ps_status write_source(void *context, const ps_stored_source *source, ps_error *err)
{
    exporting *x = context;

    x->source = source;
    if (x->missing_from != NULL && strcmp(source->name, x->missing_from) == 0) return PS_OK;
    return ps_store_entries(x->s->store, source, write_entry, x, err);
}

// ---- the whole

static ps_status begin(exporting *x, ps_error *err)
{
    const ps_arguments *arguments = &x->s->session->arguments;
    ps_stored_source there;

    x->form = ps_arguments_value(arguments, "for");
    x->folder = ps_arguments_value(arguments, "output");
    x->missing_from = ps_arguments_value(arguments, "missing-from");
    if (x->form == NULL) x->form = "csv";
    if (x->folder == NULL) {
        ps_error_set(err, PS_USAGE, "The folder is missing that the lists are written to.");
        ps_error_hint(err, "Name one that is empty or not there: -o DIR");
        return PS_USAGE;
    }
    for (size_t i = 0; i < FILE_COUNT; i++) {
        x->files[i].fd = -1;
        ps_buf_init(&x->files[i].out, BUFFER_BYTES_MAX);
    }
    if (mkdir(x->folder, 0700) != 0 && errno != EEXIST) {
        return ps_error_set(err, PS_CREATE, "Cannot create the folder '%s': %s.", x->folder, strerror(errno));
    }
    ps_status status = ps_suppression_new(&x->all, err);
    if (status == PS_OK) status = ps_suppression_new(&x->there, err);
    if (status == PS_OK) status = ps_expander_open(&x->expander, "export", x->s->rules, x->s->utc, err);
    x->expander.take = take;
    x->expander.context = x;
    if (status != PS_OK || x->missing_from == NULL) return status;
    status = ps_suppress_find(x->s, x->missing_from, &there, err);
    x->gathering = true;
    return status == PS_OK ? gather(x, &there, err) : status;
}

static ps_status write_all(exporting *x, ps_error *err)
{
    x->gathering = true;
    ps_status status = ps_suppress_each(x->s, gather, x, err);
    x->gathering = false;
    if (status == PS_OK) status = ps_suppress_each(x->s, write_source, x, err);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        ps_status closed = close_piece(&x->files[i], status == PS_OK ? err : NULL);
        if (status == PS_OK) status = closed;
    }
    return status;
}

static ps_status tell(exporting *x, ps_error *err)
{
    ps_suppress *s = x->s;
    uint64_t rows = 0;

    for (size_t i = 0; i < FILE_COUNT; i++)
        rows += x->counts[i];
    if (s->session->terminal.json) {
        ps_suppress_json_begin(s);
        ps_json_text(&s->json, "for", x->form);
        ps_json_span(&s->json, "directory", ps_span_of(x->folder));
        ps_json_count(&s->json, "files", x->file_count);
        ps_json_count(&s->json, "addresses", rows);
        ps_json_count(&s->json, "already_there", x->already_there);
        ps_json_count(&s->json, "domains_left_out", x->domains);
        ps_json_count(&s->json, "digests_left_out", x->digests);
        return ps_suppress_json_end(s, err);
    }
    ps_buf_add_format(&s->out, "%" PRIu64 " addresses in %" PRIu64 " files", rows, x->file_count);
    if (x->missing_from != NULL) ps_buf_add_format(&s->out, ", %" PRIu64 " are there already", x->already_there);
    if (x->domains > 0) ps_buf_add_format(&s->out, ", %" PRIu64 " whole domains left out", x->domains);
    if (x->digests > 0) ps_buf_add_format(&s->out, ", %" PRIu64 " digests left out", x->digests);
    ps_buf_add_char(&s->out, '\n');
    return ps_suppress_flush(s, 0, err);
}

ps_status ps_suppress_export(ps_suppress *s, ps_error *err)
{
    exporting x = {.s = s};
    ps_status status = begin(&x, err);

    if (status == PS_OK) status = write_all(&x, err);
    if (status == PS_OK) status = tell(&x, err);
    for (size_t i = 0; i < FILE_COUNT; i++)
        ps_buf_done(&x.files[i].out);
    ps_index_done(&x.written);
    ps_expander_close(&x.expander);
    ps_suppression_free(x.all);
    ps_suppression_free(x.there);
    return status;
}
