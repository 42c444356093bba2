// What any suppression file may do: it is read whole or refused; and what events say does not depend on their order.
// layer: esp
// replays: 1500
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "esp/import.h"

static char path[64];
static ps_address_rules *rules;
static ps_zone *zone;

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void remove_file(void)
{
    unlink(path);
}

static void open_once(void)
{
    const ps_address_options options = {.special_use_all = true};
    ps_error err = {.status = PS_OK};

    if (rules != NULL) return;
    snprintf(path, sizeof path, "/tmp/presend-fuzz-%ld.json", (long)getpid());
    must(atexit(remove_file) == 0, "the file is removed");
    must(ps_address_rules_new(&options, &rules, &err) == PS_OK, err.text);
    must(ps_zone_new("+09:00", &zone, &err) == PS_OK, err.text);
}

static ps_status import(ps_span content, ps_run_source *out)
{
    const ps_source_config config = {.name = "fuzz", .file = path, .default_class = PS_CLASS_MANUAL, .as_of = 20000};
    ps_suppression *set = NULL;
    ps_error err = {.status = PS_OK};
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    must(fd >= 0 && write(fd, content.bytes, content.len) == (ssize_t)content.len && close(fd) == 0, "a file");
    must(ps_suppression_new(&set, &err) == PS_OK, err.text);
    ps_import import = {.config = &config, .rules = rules, .zone = zone, .set = set};
    ps_status status = ps_import_entries(&import, out, &err);
    must(status == PS_OK || status == PS_SOURCE, "it is read, or refused");
    must(status == PS_OK || (err.text[0] != '\0' && err.hint[0] != '\0'), "who is refused hears why, and what to do");
    ps_suppression_free(set);
    return status;
}

// Lines, the last one first.
static void turn(ps_span text, ps_buf *out)
{
    size_t end = text.len;

    while (end > 0) {
        size_t from = end;
        while (from > 0 && text.bytes[from - 1] != '\n')
            from--;
        ps_buf_add_span(out, (ps_span){text.bytes + from, end - from});
        ps_buf_add_char(out, '\n');
        end = from > 0 ? from - 1 : 0;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ps_span text = {(const char *)data, size};
    ps_run_source forth, back;
    ps_buf turned;

    if (size == 0 || size > 1 << 20) return 0;
    open_once();
    if (import(text, &forth) != PS_OK || forth.events == 0) return 0;
    ps_buf_init(&turned, 4 << 20);
    turn(text, &turned);
    if (import(ps_buf_span(&turned), &back) == PS_OK) {
        must(forth.events == back.events && forth.events_unknown == back.events_unknown, "as many events");
        for (int class = 0; class < PS_CLASS_COUNT; class ++)
            must(forth.entries[class] == back.entries[class], "the same entries in any order");
        must(forth.undated == back.undated && forth.unmatched == back.unmatched, "the same doubts");
    }
    ps_buf_done(&turned);
    return 0;
}
