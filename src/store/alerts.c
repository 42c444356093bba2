#include "store/alerts.h"

#include "store/database.h"

static ps_status forget_old(const ps_store *store, int64_t now_s, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status = ps_statement_open(store, "DELETE FROM alerts_owed WHERE since_s < ?", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, now_s - (int64_t)PS_ALERT_OWED_DAYS * 86400);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

ps_status ps_store_alert_owe(ps_store *store, const char *room, int64_t source, int64_t since_s, int64_t now_s,
                             ps_error *err)
{
    ps_statement statement = {0};
    ps_status status = forget_old(store, now_s, err);

    if (status == PS_OK) {
        status = ps_statement_open(store,
                                   "INSERT INTO alerts_owed(room, source, since_s) VALUES(?, ?, ?) "
                                   "ON CONFLICT(room, source) DO UPDATE SET since_s = min(since_s, excluded.since_s)",
                                   &statement, err);
    }
    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, room);
        ps_statement_bind_int(&statement, 2, source);
        ps_statement_bind_int(&statement, 3, since_s);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

ps_status ps_store_alert_owed(ps_store *store, const char *room, int64_t source, int64_t *out_s, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status =
        ps_statement_open(store, "SELECT since_s FROM alerts_owed WHERE room = ? AND source = ?", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, room);
        ps_statement_bind_int(&statement, 2, source);
        status = ps_statement_step(&statement, &row, err);
    }
    if (status == PS_OK) *out_s = row ? ps_statement_int(&statement, 0) : 0;
    ps_statement_close(&statement);
    return status;
}

ps_status ps_store_alert_told(ps_store *store, const char *room, int64_t source, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status =
        ps_statement_open(store, "DELETE FROM alerts_owed WHERE room = ? AND source = ?", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, room);
        ps_statement_bind_int(&statement, 2, source);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}
