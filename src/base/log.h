#ifndef PS_BASE_LOG_H
#define PS_BASE_LOG_H

// Messages of a run, to the one sink that the program sets. Nothing below engine/ logs. Never pass a secret; addresses
// go through ps_mask_address first.

typedef enum ps_log_level { PS_LOG_ERROR, PS_LOG_WARNING, PS_LOG_INFO, PS_LOG_DEBUG } ps_log_level;

typedef void ps_log_sink(void *context, ps_log_level level, const char *text);

void ps_log_set(ps_log_sink *sink, void *context); // NULL: silence, the default
void ps_log(ps_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
