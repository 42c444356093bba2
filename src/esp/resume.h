#ifndef PS_ESP_RESUME_H
#define PS_ESP_RESUME_H

// Where a list was left, as a text for the store. No secret is in it.

#include "esp/reader.h"

void ps_resume_write(const ps_list_reader *reader, ps_buf *out);

// False when the text is none, or of another list, account or window: the reader is then as it was.
bool ps_resume_read(const char *text, ps_list_reader *reader);

#endif
