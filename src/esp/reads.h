#ifndef PS_ESP_READS_H
#define PS_ESP_READS_H

// The ways to read a file into a source; esp/import.c chooses among them by how its text begins.

#include "esp/entry.h"
#include "esp/form.h"
#include "esp/text.h"

// One entry a line; blank lines and lines that begin with `# ` are skipped.
ps_status ps_read_plain(ps_import *import, ps_text *text, ps_error *err);

// What `aws sesv2 list-suppressed-destinations --output text` prints.
#define PS_SES_TEXT_BEGIN "SUPPRESSEDDESTINATIONSUMMARIES\t"
ps_status ps_read_ses_text(ps_import *import, ps_text *text, ps_error *err);

// JSON documents, one after the other; `form` NULL: by content.
ps_status ps_read_json(ps_import *import, ps_text *text, const ps_form *form, ps_error *err);

// Mails: bounces, complaints and what readers answered. `begin` is how the file begins.
bool ps_mailbox_is(ps_span begin);
ps_status ps_read_mailbox(ps_import *import, ps_text *text, ps_error *err);

typedef struct ps_read_csv_options {
    const ps_form *form; // NULL: by its columns
    bool generic; // do not look for ESPs' columns
    bool headerless;
    char delimiter; // 0: by content
    ps_encoding encoding; // as the look at its text has found it: of a file that is all ASCII that takes the whole
} ps_read_csv_options;

// Opens the file itself, by the CSV reader, and says the digest of what it read.
ps_status ps_read_csv(ps_import *import, const ps_read_csv_options *options, ps_error *err);

#endif
