#ifndef PS_ENGINE_EACH_H
#define PS_ENGINE_EACH_H

// Steps that do not wait for each other, side by side.

#include <stddef.h>

#include "presend/job.h"
#include "presend/status.h"

// Step `number` of so many. What steps share they touch within a turn.
typedef void ps_each_step(void *context, size_t number);

// All of them, begun in their order, by the threads of the job; back when the last one is done.
void ps_each(const ps_job *job, size_t count, ps_each_step *step, void *context);

// A crew: one leads a piece of work, whoever of the others has nothing else to do joins in. `work` returns once there
// is nothing left to begin.
typedef struct ps_crew ps_crew;
ps_status ps_crew_new(size_t leaders, ps_crew **out, ps_error *err);
void ps_crew_free(ps_crew *crew); // NULL is fine

// Do `work` with all who join; back when the last of them is.
void ps_crew_lead(void *crew, void (*work)(void *of), void *of);
void ps_crew_retire(ps_crew *crew); // one of the leaders leads no more work

// Join in what the leaders do until all have retired. They must have begun, or nobody would ever be back.
void ps_crew_help(ps_crew *crew);

// One at a time. Who enters leaves soon.
typedef struct ps_turn ps_turn;
ps_status ps_turn_new(ps_turn **out, ps_error *err);
void ps_turn_free(ps_turn *turn); // NULL is fine
void ps_turn_enter(void *turn);
void ps_turn_leave(void *turn);

#endif
