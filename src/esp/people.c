#include "esp/people.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "esp/merge.h"
#include "facts/operators.h"

enum { DAY_S = 86400, STAMP_BYTES = 24 };

#define TEXTS_BYTES_MAX ((size_t)64 << 30)

// Of soft bounces: an out-of-office reply may look like one, and one that ended days of trying is worth two.
enum { SOFT_ONE = 2, SOFT_WEAK = 1, SOFT_GAVE_UP = 4 };

// Everybody: nearly all events tell of mail that arrived.
typedef struct person {
    int64_t alive_s; // when mail arrived last
    uint32_t trouble; // number + 1, or 0
} person;

// Those of whom something else is told.
typedef struct trouble {
    uint32_t person;
    size_t text_at;
    size_t text_len;
    uint64_t line; // of the first such event
    bool carrier;
    bool said[PS_EVENT_SAYS_COUNT];
    int64_t last_s[PS_EVENT_SAYS_COUNT]; // 0: no such event with a date
    int64_t suppressed_s; // the first time that the ESP did not try
    ps_day hard_first, hard_last;
    uint64_t hard_undated; // a hard bounce without a date; 0: none
    bool hard_again; // there is another one without a date
    bool soft_for_long;
} trouble;

// One of several events that only count together: soft bounces; who left or joined a group.
typedef struct mark {
    uint32_t trouble;
    ps_event_says says;
    uint64_t group; // 0: a soft bounce
    bool elsewhere; // the group is not one of this campaign's
    int64_t time_s;
    uint64_t same;
    unsigned weight;
} mark;

struct ps_people {
    ps_import *import;
    ps_index index; // by key
    person *persons;
    size_t persons_count, persons_capacity;
    trouble *troubles;
    size_t troubles_count, troubles_capacity;
    mark *marks;
    size_t marks_count, marks_capacity;
    ps_buf texts;
};

ps_status ps_people_new(ps_import *import, ps_people **out, ps_error *err)
{
    ps_people *people = ps_memory_new(1, sizeof *people, err);

    if (people == NULL) return PS_RETRY;
    people->import = import;
    ps_buf_init(&people->texts, TEXTS_BYTES_MAX);
    *out = people;
    return PS_OK;
}

void ps_people_free(ps_people *people)
{
    if (people == NULL) return;
    ps_index_done(&people->index);
    ps_memory_free(people->persons);
    ps_memory_free(people->troubles);
    ps_memory_free(people->marks);
    ps_buf_done(&people->texts);
    ps_memory_free(people);
}

// ---- one event

// What the address rules remove is known by its letters, in either case.
static ps_hash key_of(ps_import *import, ps_span text, ps_address *out)
{
    ps_address_parse(import->rules, text, &import->arena, out);
    if (out->key.len > 0) return ps_hash_of(out->key);
    char *lower = ps_arena_take(&import->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        lower[i] = text.bytes[i] >= 'A' && text.bytes[i] <= 'Z' ? (char)(text.bytes[i] + ('a' - 'A')) : text.bytes[i];
    return ps_hash_of((ps_span){lower, text.len});
}

static ps_status find_person(ps_people *people, ps_hash key, person **out, ps_error *err)
{
    uint32_t number;
    bool added;
    ps_status status = ps_memory_grow((void **)&people->persons, &people->persons_capacity, people->persons_count + 1,
                                      sizeof *people->persons, err);

    if (status == PS_OK)
        status = ps_index_claim(&people->index, key, (uint32_t)people->persons_count, &number, &added, err);
    if (status != PS_OK) return status;
    if (added) people->persons[people->persons_count++] = (person){.alive_s = 0};
    *out = &people->persons[number];
    return PS_OK;
}

static bool is_carrier(ps_span domain)
{
    return ps_operator_get(ps_operator_of_domain(domain))->kind == PS_OPERATOR_KIND_CARRIER;
}

static ps_status find_trouble(ps_people *people, person *who, const ps_event *event, const ps_address *address,
                              ps_error *err)
{
    if (who->trouble != 0) return PS_OK;
    ps_status status = ps_memory_grow((void **)&people->troubles, &people->troubles_capacity,
                                      people->troubles_count + 1, sizeof *people->troubles, err);
    if (status != PS_OK) return status;
    people->troubles[people->troubles_count++] = (trouble){
        .person = (uint32_t)(who - people->persons),
        .text_at = people->texts.len,
        .text_len = event->address.len,
        .carrier = is_carrier(address->domain),
        .hard_first = PS_DAY_NONE,
        .hard_last = PS_DAY_NONE,
    };
    ps_buf_add_span(&people->texts, event->address);
    who->trouble = (uint32_t)people->troubles_count;
    return ps_buf_status(&people->texts, "the addresses of events", err);
}

static void note_hard(const ps_import *import, const ps_event *event, trouble *about)
{
    if (event->time_s == 0) {
        uint64_t same = event->same | 1;
        if (about->hard_undated == 0) about->hard_undated = same;
        about->hard_again = about->hard_again || about->hard_undated != same;
        return;
    }
    ps_day day = ps_zone_day(import->zone, event->time_s);
    if (about->hard_first == PS_DAY_NONE || day < about->hard_first) about->hard_first = day;
    if (day > about->hard_last) about->hard_last = day;
}

static ps_status add_mark(ps_people *people, uint32_t number, const ps_event *event, ps_error *err)
{
    bool group = event->says == PS_EVENT_UNSUBSCRIBE || event->says == PS_EVENT_RESUBSCRIBE;
    unsigned weight = event->says == PS_EVENT_WEAK ? SOFT_WEAK : event->gave_up ? SOFT_GAVE_UP : SOFT_ONE;
    ps_status status = ps_memory_grow((void **)&people->marks, &people->marks_capacity, people->marks_count + 1,
                                      sizeof *people->marks, err);

    if (status != PS_OK) return status;
    people->marks[people->marks_count++] = (mark){
        .trouble = number,
        .says = event->says,
        .group = group ? ps_hash_of(event->group).low | 1 : 0,
        .elsewhere = group && !ps_merge_in_scope(people->import->config, event->group),
        .time_s = event->time_s,
        .same = event->same,
        .weight = weight,
    };
    return PS_OK;
}

// Whether it only counts together with others.
static bool is_mark(const ps_event *event)
{
    if (event->says == PS_EVENT_SOFT || event->says == PS_EVENT_WEAK) return true;
    if (event->says == PS_EVENT_RESUBSCRIBE) return true;
    return event->says == PS_EVENT_UNSUBSCRIBE && event->group.len > 0;
}

static ps_status note_trouble(ps_people *people, uint32_t number, const ps_event *event, ps_error *err)
{
    trouble *about = &people->troubles[number];
    bool of_group = event->says == PS_EVENT_UNSUBSCRIBE && event->group.len > 0;

    if (event->says == PS_EVENT_HARD) note_hard(people->import, event, about);
    bool earlier = about->suppressed_s == 0 || event->time_s < about->suppressed_s;
    if (event->says == PS_EVENT_SUPPRESSED && event->time_s > 0 && earlier) about->suppressed_s = event->time_s;
    if (!of_group) {
        about->said[event->says] = true;
        if (event->time_s > about->last_s[event->says]) about->last_s[event->says] = event->time_s;
    }
    return is_mark(event) ? add_mark(people, number, event, err) : PS_OK;
}

ps_status ps_people_note(ps_people *people, const ps_event *event, uint64_t line, ps_error *err)
{
    ps_address address = {.key = {NULL, 0}};
    person *who = NULL;
    ps_status status = find_person(people, key_of(people->import, event->address, &address), &who, err);

    if (status != PS_OK) return status;
    if (event->says == PS_EVENT_ALIVE) {
        if (event->time_s > who->alive_s) who->alive_s = event->time_s;
        return PS_OK;
    }
    bool first = who->trouble == 0;
    status = find_trouble(people, who, event, &address, err);
    if (status != PS_OK) return status;
    if (first) people->troubles[who->trouble - 1].line = line;
    return note_trouble(people, who->trouble - 1, event, err);
}

// ---- all of them together

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_marks(const void *left, const void *right)
{
    const mark *a = left, *b = right;
    int order = compare(a->trouble, b->trouble);

    if (order == 0) order = compare(a->group, b->group);
    if (order == 0) order = (a->time_s > b->time_s) - (a->time_s < b->time_s);
    if (order == 0) order = compare(a->same, b->same);
    return order != 0 ? order : (int)a->weight - (int)b->weight;
}

// Soft bounces of one person since mail arrived last, by time.
static bool is_soft_for_long(const mark *marks, size_t count, int64_t alive_s)
{
    int64_t first_s = 0, last_s = 0;
    uint64_t weight = 0;

    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && marks[i].time_s == marks[i - 1].time_s && marks[i].same == marks[i - 1].same;
        if (again || marks[i].time_s == 0 || marks[i].time_s <= alive_s) continue;
        if (first_s == 0) first_s = marks[i].time_s;
        last_s = marks[i].time_s;
        weight += marks[i].weight;
    }
    return weight >= (uint64_t)PS_PEOPLE_SOFT_TIMES * SOFT_ONE && last_s - first_s >= PS_PEOPLE_SOFT_DAYS * DAY_S;
}

// Who left a group and did not join it again later. Without dates nobody can say which was later.
static bool is_out_of_group(const mark *marks, size_t count, int64_t *out_s)
{
    int64_t left_s = 0, joined_s = 0;
    bool undated = false, left = false;

    for (size_t i = 0; i < count; i++) {
        bool leaves = marks[i].says == PS_EVENT_UNSUBSCRIBE;
        int64_t *last_s = leaves ? &left_s : &joined_s;
        left = left || leaves;
        undated = undated || (leaves && marks[i].time_s == 0);
        if (marks[i].time_s > *last_s) *last_s = marks[i].time_s;
    }
    *out_s = left_s;
    return left && (undated || joined_s <= left_s);
}

static size_t run_length(const mark *marks, size_t count)
{
    size_t len = 1;

    while (len < count && marks[len].trouble == marks[0].trouble && marks[len].group == marks[0].group)
        len++;
    return len;
}

// Turn marks into what they say together.
static void judge_marks(ps_people *people)
{
    if (people->marks_count > 0) qsort(people->marks, people->marks_count, sizeof *people->marks, compare_marks);
    for (size_t at = 0, len; at < people->marks_count; at += len) {
        const mark *marks = &people->marks[at];
        trouble *about = &people->troubles[marks->trouble];
        int64_t out_s;
        len = run_length(marks, people->marks_count - at);
        if (marks->group == 0) {
            about->soft_for_long = is_soft_for_long(marks, len, people->persons[about->person].alive_s);
        } else if (!is_out_of_group(marks, len, &out_s)) {
            continue;
        } else if (marks->elsewhere) {
            ps_merge_count(people->import->out, PS_MERGE_OTHER_SCOPE, 1);
        } else {
            about->said[PS_EVENT_UNSUBSCRIBE] = true;
            if (out_s > about->last_s[PS_EVENT_UNSUBSCRIBE]) about->last_s[PS_EVENT_UNSUBSCRIBE] = out_s;
        }
    }
}

// Carriers answer as if nobody was there when a filter of the phone refuses a mail: one such answer says little.
static bool is_hard(const trouble *about)
{
    if (about->said[PS_EVENT_SUPPRESSED]) return true;
    if (!about->said[PS_EVENT_HARD]) return false;
    bool several_days = about->hard_first != about->hard_last;
    bool undated_too = about->hard_undated != 0 && about->hard_first != PS_DAY_NONE;
    return !about->carrier || several_days || undated_too || about->hard_again;
}

// What the entries of one person say, strongest first.
typedef struct verdict {
    ps_class class;
    const char *list;
    int64_t time_s;
} verdict;

enum { VERDICTS_MAX = 9 };

static void add_verdict(verdict *verdicts, size_t *count, bool holds, verdict one)
{
    if (holds) verdicts[(*count)++] = one;
}

static int64_t latest(const int64_t *times, const ps_event_says *says, size_t count)
{
    int64_t last_s = 0;

    for (size_t i = 0; i < count; i++)
        last_s = times[says[i]] > last_s ? times[says[i]] : last_s;
    return last_s;
}

static size_t judge(const trouble *about, verdict verdicts[VERDICTS_MAX])
{
    static const ps_event_says softs[] = {PS_EVENT_SOFT, PS_EVENT_WEAK, PS_EVENT_DELAY};
    const bool *said = about->said;
    const int64_t *last_s = about->last_s;
    bool hard = is_hard(about), bounced = said[PS_EVENT_HARD];
    // That the ESP does not try is no new bounce: the day of the bounce counts, where it is known.
    int64_t hard_s = last_s[PS_EVENT_HARD] > 0 ? last_s[PS_EVENT_HARD] : about->suppressed_s;
    int64_t soft_s = latest(last_s, softs, PS_COUNT_OF(softs));
    bool soft = said[PS_EVENT_SOFT] || said[PS_EVENT_WEAK] || said[PS_EVENT_DELAY];
    size_t count = 0;

    add_verdict(verdicts, &count, said[PS_EVENT_COMPLAINT],
                (verdict){PS_CLASS_COMPLAINT, "complaints", last_s[PS_EVENT_COMPLAINT]});
    add_verdict(verdicts, &count, said[PS_EVENT_UNSUBSCRIBE],
                (verdict){PS_CLASS_UNSUBSCRIBE, "unsubscribes", last_s[PS_EVENT_UNSUBSCRIBE]});
    add_verdict(verdicts, &count, said[PS_EVENT_MANUAL], (verdict){PS_CLASS_MANUAL, "manual", last_s[PS_EVENT_MANUAL]});
    add_verdict(verdicts, &count, hard, (verdict){PS_CLASS_HARD, "bounces", hard_s});
    add_verdict(verdicts, &count, about->soft_for_long, (verdict){PS_CLASS_HARD, "repeated_soft_bounces", soft_s});
    add_verdict(verdicts, &count, said[PS_EVENT_INVALID],
                (verdict){PS_CLASS_INVALID, "invalid", last_s[PS_EVENT_INVALID]});
    add_verdict(verdicts, &count, said[PS_EVENT_BLOCK], (verdict){PS_CLASS_BLOCK, "blocks", last_s[PS_EVENT_BLOCK]});
    add_verdict(verdicts, &count, soft, (verdict){PS_CLASS_SOFT, "soft_bounces", soft_s});
    if (count > 0) return count; // what is less than that is told of nobody else
    add_verdict(verdicts, &count, bounced, (verdict){PS_CLASS_SOFT, "single_bounces", hard_s});
    add_verdict(verdicts, &count, said[PS_EVENT_UNCLEAR],
                (verdict){PS_CLASS_SOFT, "unclear_failures", last_s[PS_EVENT_UNCLEAR]});
    return count;
}

static ps_status put_person(ps_people *people, const trouble *about, ps_error *err)
{
    verdict verdicts[VERDICTS_MAX];
    size_t count = judge(about, verdicts);
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < count; i++) {
        char stamp[STAMP_BYTES] = "";
        if (verdicts[i].time_s > 0)
            (void)snprintf(stamp, sizeof stamp, "%lld", (long long)verdicts[i].time_s); // 24 bytes hold any
        const ps_import_entry entry = {
            .text = {people->texts.bytes + about->text_at, about->text_len},
            .class = verdicts[i].class,
            .list = verdicts[i].list,
            .stamp = ps_span_of(stamp),
            .line = about->line,
        };
        status = ps_import_add(people->import, &entry, err);
    }
    return status;
}

ps_status ps_people_finish(ps_people *people, ps_error *err)
{
    const uint64_t records = people->import->records; // events; people are none
    const bool last_bad = people->import->last_bad, last_undated = people->import->last_undated;
    ps_status status = PS_OK;

    judge_marks(people);
    for (size_t i = 0; status == PS_OK && i < people->troubles_count; i++)
        status = put_person(people, &people->troubles[i], err);
    people->import->records = records;
    people->import->last_bad = last_bad;
    people->import->last_undated = last_undated;
    return status;
}
