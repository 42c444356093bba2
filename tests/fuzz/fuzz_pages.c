// What any reply of any ESP may do: it is taken as a page or refused, and what comes out can be stored.
// layer: esp
// replays: 100000
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "esp/reader.h"

// The first byte of an input says whose reply it is (a: the first), the second which list it is of (0: the first), or
// with a letter that it is the reply to what is asked before the first page.
static const char *const types[] = {"mailgun", "sendgrid", "ses",     "postmark",   "brevo",   "sparkpost",
                                    "resend",  "klaviyo",  "mailjet", "customerio", "mandrill"};
enum { TYPES = sizeof types / sizeof *types };

static ps_client *clients[TYPES];
static ps_source_config configs[TYPES];

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static const ps_client *client_of(unsigned char type)
{
    ps_error err = {.status = PS_OK};
    size_t i = (size_t)(type - 'a') % TYPES;

    if (clients[i] != NULL) return clients[i];
    setenv("PS_FUZZ_KEY", "fuzz-key", 1);
    configs[i] = (ps_source_config){.name = "fuzz",
                                    .type = types[i],
                                    .domain = "mg.example.com",
                                    .user = "fuzz-user",
                                    .key = "env:PS_FUZZ_KEY",
                                    .region = strcmp(types[i], "ses") == 0 ? "us-east-1" : NULL};
    must(ps_client_new(&configs[i], &clients[i], &err) == PS_OK, err.text);
    return clients[i];
}

static void check_entries(const ps_client_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        const ps_client_entry *entry = &page->entries[i];
        must(entry->text.len == 0 || memchr(entry->text.bytes, '\0', entry->text.len) == NULL, "no NUL in an entry");
        must(ps_utf8_valid(entry->text) && ps_utf8_valid(entry->scope), "an entry is text");
        must(entry->reason.len <= PS_CLIENT_REASON_BYTES_MAX && ps_utf8_valid(entry->reason), "a reason is short text");
        must((unsigned)entry->class < PS_CLASS_COUNT && entry->created_s >= 0, "class and time are in bounds");
    }
    must(page->ended == (page->resume == NULL), "a list goes on or has ended");
}

// Wherever a reply leads, the next request stays on the path of the list.
static bool check_request(ps_list_reader *reader)
{
    ps_list_reader_request request;
    ps_error err;

    if (ps_list_reader_next(reader, &request, &err) != PS_OK) return false;
    must(request.target[0] == '/' && strstr(request.target, "fuzz-key") == NULL, "a request is a path without the key");
    for (const char *c = request.target; *c != '\0'; c++)
        must((unsigned char)*c > 0x20 && (unsigned char)*c < 0x7f, "a request is of plain characters");
    return true;
}

static void check_resume(const ps_list_reader *reader, const ps_client_page *page)
{
    ps_list_reader again;
    ps_error err;

    if (page->resume == NULL) return;
    must(ps_list_reader_open(reader->client, reader->public_list, 0, reader->start_s, page->resume, &again, &err) ==
             PS_OK,
         "a list is opened again");
    must(again.resumed && again.pages == reader->pages && again.offset == reader->offset, "it goes on where it was");
    must(ps_span_equal(ps_buf_span(&again.cursor), ps_buf_span(&reader->cursor)), "with the same cursor");
    ps_list_reader_close(&again);
}

static void feed(ps_list_reader *reader, ps_span body)
{
    ps_client_page page;
    ps_error err = {.status = PS_OK};

    for (int i = 0; i < 3 && reader->phase != PS_READER_ENDED; i++) {
        bool has_page = false;
        json_t *reply = NULL;
        if (!check_request(reader)) break;
        ps_status status = ps_list_reader_take(reader, body, NULL, &reply, &page, &has_page, &err);
        must(status != PS_BUG, err.text);
        if (status == PS_OK && has_page) {
            check_entries(&page);
            check_resume(reader, &page);
        }
        json_decref(reply);
        if (status != PS_OK) break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ps_list_reader reader;
    ps_error err;
    size_t count;

    if (size < 2) return 0;
    const ps_client *client = client_of(data[0]);
    const ps_client_list *lists = ps_client_lists(client, &count);
    must(ps_list_reader_open(client, &lists[(size_t)(data[1] - '0') % count], 0, 1765000000, NULL, &reader, &err) ==
             PS_OK,
         "a list opens");
    if (data[1] < 'A') reader.phase = PS_READER_PAGES;
    feed(&reader, (ps_span){(const char *)data + 2, size - 2});
    ps_list_reader_close(&reader);
    return 0;
}
