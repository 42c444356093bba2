#ifndef PS_ESP_FORM_H
#define PS_ESP_FORM_H

// The file forms of one ESP, as data: which lists its CSV columns and JSON members tell of, and what proves that a list
// is whole.

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "esp/entry.h"
#include "presend/span.h"

enum { PS_FORM_NEEDS_MAX = 3, PS_FORM_MAY_MAX = 8, PS_FORM_WORDS_MAX = 12 };

#define PS_CLASS_BIT(class) (1U << (class))

// One kind of list, known by the names of its columns or members (folded as ps_word_fold() does).
typedef struct ps_form_list {
    const char *name; // what the report says: bounces, complaints, ...
    ps_class class; // PS_CLASS_COUNT: the columns do not tell
    unsigned hints; // classes that the name of the file may tell in their place; 0: the columns are certain
    const char *address;
    const char *needs[PS_FORM_NEEDS_MAX]; // columns without which it is not this list
    const char *may[PS_FORM_MAY_MAX]; // further ones that it is known to have
    const char *words[3]; // columns whose class words count more than the list's class
    bool words_decide; // and a word there that is not known makes an entry `unknown`
    bool answers; // `words` are a server's code and its words, in this order
    const struct ps_api_word *codes; // the ESP's own words for the first two of `words`, as its API has them; or NULL
    const char *expires; // when the ESP lets go of an entry; the column may stand twice
    const char *scope; // the tags, group or list that an unsubscribe is limited to; NULL: none
    const char *refused; // a list that suppresses nobody: why the file is refused
} ps_form_list;

// What the JSON documents of a file say about being whole.
typedef struct ps_form_proof {
    bool open; // the latest document says, or lets fear, that more follows it
    bool stated; // documents state how many entries there are
    uint64_t stated_count;
    uint64_t items; // entries so far
    bool linked; // a document named the next one
} ps_form_proof;

// Formats as the report names them: the class is known from the columns; from the file's name; from the job.
typedef struct ps_form_names {
    const char *certain, *by_file, *by_job;
} ps_form_names;

#define PS_FORM_NAMES(text)                                                                                            \
    {                                                                                                                  \
        text, text ", class by the file's name", text ", class as the job says"                                        \
    }

#define PS_FORM_DAMAGED "damaged"

typedef struct ps_form {
    const char *id; // as `format:` takes it
    const ps_form_list *csv; // the first that fits counts; the last has no address
    const ps_form_list *json;
    ps_form_names csv_names, json_names;
    const char *word; // a member of a JSON document that names the class of all of its entries; or NULL
    const char *items; // the member of a JSON document that holds its entries; NULL: documents are arrays
    uint64_t
        full_page; // an array of a multiple of this many entries may be a page with more behind it; 0: cannot be told
    bool (*is_page)(const json_t *document); // a document without the items member may still be a page without entries
    // Of several forms whose items are in a member of the same name: whether it is this one, by an item (NULL: there is
    // none) or by its document (NULL: not read yet).
    bool (*is_mine)(const json_t *document, const json_t *item);
    // An item as an object of plain values, or a list of them, an entry each; NULL without memory; a new reference.
    // One whose member PS_FORM_DAMAGED is true counts as unreadable too.
    json_t *(*plain)(const json_t *item);
    void (*page)(const json_t *document, uint64_t items, ps_form_proof *proof); // the end of one document
    const char *open_text, *open_hint; // what to say when the file ends while `open`
} ps_form;

extern const ps_form ps_form_mailgun, ps_form_sendgrid, ps_form_ses, ps_form_dynamodb, ps_form_postmark, ps_form_brevo,
    ps_form_customers_mail_cloud, ps_form_sparkpost, ps_form_mandrill, ps_form_resend, ps_form_blastengine,
    ps_form_mailjet, ps_form_sisimai, ps_form_customerio, ps_form_klaviyo, ps_form_elasticemail;

// The names of the columns of a record, folded; "" where a name is no known one.
typedef struct ps_form_columns {
    const char *const *names;
    size_t count;
} ps_form_columns;

// Where in a record to find what an entry is made of.
typedef struct ps_form_slots {
    const char *format;
    const char *list;
    ps_class class; // where no word says otherwise
    size_t address, stamp, scope; // SIZE_MAX: none
    size_t words[PS_FORM_WORDS_MAX];
    size_t words_count;
    bool words_decide, words_remove_only, answers;
    const struct ps_api_word *codes;
    size_t expires[PS_IMPORT_EXPIRES]; // SIZE_MAX: none
    const struct ps_verification *verification; // words are a status of that service; NULL: a list
} ps_form_slots;

// The list of a form that the columns are those of; `exact`: with no column that is not known. NULL if there is none.
const ps_form_list *ps_form_fit(const ps_form_list *lists, const ps_form_columns *columns, bool exact);

// Slots of such a list, and the class of its entries: from the columns, else the job, else the name of the file.
void ps_form_slots_of(const ps_form_list *list, const ps_form_names *names, const ps_form_columns *columns,
                      const ps_source_config *config, ps_form_slots *out);

// Slots of a file of unknown origin, by the usual names of columns. `*out_found` is how many columns could be the
// address (the slots are set when it is 1), `out_candidates` the first two.
void ps_generic_slots(const ps_form_columns *columns, const ps_source_config *config, ps_form_slots *out,
                      size_t *out_found);
size_t ps_generic_stamp(const ps_form_columns *columns); // SIZE_MAX: none
bool ps_generic_is_address_name(const char *folded, ps_entry_kind kind);

// The class of an entry by the words in its cells.
ps_class ps_form_class(const ps_form_slots *slots, const ps_span *words);

// The format of a list of lines, or of a table, whose entries are of this kind.
const char *ps_form_lines_name(ps_digest_kind hash);
const char *ps_form_table_name(ps_digest_kind hash);

size_t ps_form_column(const ps_form_columns *columns, const char *name); // SIZE_MAX: not there

// The form of that id, or NULL; the forms in the order in which they are tried.
const ps_form *ps_form_find(const char *id);
const ps_form *ps_form_at(size_t index); // NULL after the last

#endif
