#ifndef PRESEND_PRESEND_H
#define PRESEND_PRESEND_H

#include "presend/address.h"
#include "presend/arena.h"
#include "presend/column.h"
#include "presend/job.h"
#include "presend/reason.h"
#include "presend/run.h"
#include "presend/source.h"
#include "presend/span.h"
#include "presend/status.h"

/** Semantic version of the program and the library. */
#define PS_VERSION "0.1.0"

#endif
