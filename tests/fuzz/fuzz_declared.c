// Descriptions of APIs: any bytes are refused, or give something that can be read by.
// layer: esp
// replays: 100000
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "esp/declared.h"
#include "esp/pointer.h"

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void check_list(const ps_api_list *list)
{
    must(list->path != NULL && list->path[0] == '/' && list->items != NULL, "a list has a path and items");
    must(list->item.address != NULL && ps_pointer_is_valid(list->item.address), "an entry has an address");
    must(list->paging.kind == PS_API_ONE || list->paging.ends != 0, "a list has an end");
    must((unsigned)list->class < PS_CLASS_COUNT, "a class is one");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ps_declared *declared = NULL;
    ps_error err = {.status = PS_OK};
    ps_status status = ps_declared_read((ps_span){(const char *)data, size}, "http", "fuzz.json", &declared, &err);

    must((status == PS_OK) == (declared != NULL), "a description is read or refused");
    if (status != PS_OK) {
        must(status == PS_CONFIG && err.text[0] != '\0', "a refusal says why");
        return 0;
    }
    must(ps_declared_api(declared)->lists[0].name != NULL, "there is a list");
    for (const ps_api_list *list = ps_declared_api(declared)->lists; list->name != NULL; list++)
        check_list(list);
    ps_declared_free(declared);
    return 0;
}
