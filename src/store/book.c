// The store behind the functions of a ps_book.

#include "store/suppressions.h"

static ps_status source(void *store, const char *name, ps_stored_source *out, bool *out_found, ps_error *err)
{
    return ps_store_source(store, name, out, out_found, err);
}

static ps_status open_intake(void *store, const ps_intake_options *options, void **out_intake, ps_error *err)
{
    ps_store_intake *intake = NULL;
    ps_status status = ps_store_intake_open(store, options, &intake, err);

    if (status == PS_OK) *out_intake = intake;
    return status;
}

static void close_intake(void *intake)
{
    ps_store_intake_close(intake);
}

static ps_status begin(void *intake, ps_reading *reading, ps_error *err)
{
    return ps_store_reading_begin(intake, reading, err);
}

static ps_status page(void *intake, ps_reading *reading, const ps_intake_page *pages, ps_error *err)
{
    return ps_store_reading_page(intake, reading, pages, err);
}

static ps_status apply(void *intake, const ps_intake_accept *accept, ps_intake_change *out, ps_error *err)
{
    return ps_store_intake_apply(intake, accept, out, err);
}

void ps_store_book(ps_store *store, ps_book *out)
{
    *out = (ps_book){
        .store = store,
        .source = source,
        .open = open_intake,
        .close = close_intake,
        .begin = begin,
        .page = page,
        .apply = apply,
    };
}
