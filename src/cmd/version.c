#include <elf.h>
#include <link.h>

#include "cmd/command.h"
#include "presend/presend.h"

enum { ID_BYTES_SHOWN = 8 };

// The GNU build id note of the program itself: which build this is, without a date that would make builds differ.
static int write_id(struct dl_phdr_info *info, size_t size, void *context)
{
    ps_buf *out = context;
    (void)size; // of a structure that only grew

    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_NOTE) continue;
        const char *at = (const char *)(info->dlpi_addr + part->p_vaddr), *end = at + part->p_memsz;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            ElfW(Nhdr) note;
            memcpy(&note, at, sizeof note);
            const char *name = at + sizeof note, *id = name + ((note.n_namesz + 3U) & ~3U);
            bool is_id = note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(name, "GNU", 4) == 0;
            if (is_id) ps_buf_add_text(out, " (build ");
            for (unsigned b = 0; is_id && b < note.n_descsz && b < ID_BYTES_SHOWN; b++)
                ps_buf_add_format(out, "%02x", (unsigned)(unsigned char)id[b]);
            if (is_id) ps_buf_add_char(out, ')');
            at = id + ((note.n_descsz + 3U) & ~3U);
        }
    }
    return 1; // the first object is the program; the rest are its libraries
}

void ps_version_write(ps_buf *out)
{
    ps_buf_add_text(out, "presend " PS_VERSION);
    (void)dl_iterate_phdr(write_id, out); // what write_id returned
    ps_buf_add_char(out, '\n');
}
