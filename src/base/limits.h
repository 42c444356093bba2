#ifndef PS_BASE_LIMITS_H
#define PS_BASE_LIMITS_H

// Every limit that is not a public promise of a header, with its reason. Over a limit is a finding or an error, never a
// cut.

enum {
    PS_FIELD_BYTES_MAX = 1 << 20, // a longer cell is `too_large`; no CRM exports one
    PS_COLUMNS_MAX = 4096, // more is not a campaign file; bounds the memory of one record
    PS_BATCH_BYTES = 256 << 10, // with its rows it stays in the near cache: 512 KiB takes 5 % longer
    PS_BATCH_BYTES_MIN = 64, // tests want batches that hold one record
    PS_ENCODING_SAMPLE_BYTES = 1 << 20, // what detection looks at first
    PS_DIALECT_SAMPLE_RECORDS = 100, // records that a delimiter is judged on
    PS_HEADER_SAMPLE_RECORDS = 1000, // rows that confirm what a header proposes
    PS_RECIPIENT_FILES_MAX = 1024, // one descriptor at a time; the number is stored in 16 bits
    PS_CLAIM_LINES_MAX = (1 << 29) - 1, // of all recipient files; a line number must fit beside three bits
    PS_SAMPLES_PER_REASON = 3, // report examples
    PS_REPORT_DOMAINS_MAX = 100, // biggest domains that the report lists
    PS_ACTIVITY_FILES_MAX = 64, // exports of a shop, a CRM and the like; each is open from the start of a run
    PS_POLICIES_MAX = 8, // counted beside the job's own; each costs a judgement of every row
    PS_ID_ADDRESSES_MAX = 16, // nobody has more under one customer number: it would be a word such as `guest`
    PS_SOURCES_MAX = 64, // sources are bits of a 64-bit word
    PS_JSON_DEPTH_MAX = 64, // threats: nesting limit of anything parsed
    PS_JSON_STRING_BYTES_MAX = 1 << 20, // an ESP's error text has a few KiB at most
    PS_JSON_VALUE_BYTES_MAX = 64 << 20, // one page of a list; what is longer is read element by element
    PS_CONFIG_BYTES_MAX = 1 << 20, // a job file is read whole
    PS_SECRET_BYTES_MAX = 64 << 10, // the longest session token that AWS gives has 2 KiB; a CA key 8 KiB
    PS_THREADS_MAX = 256
};

#define PS_RECORD_BYTES_MAX ((size_t)16 << 20) // a longer row refuses the file
#define PS_UNPACKED_BYTES_MAX ((uint64_t)64 << 30) // compressed input may unpack to this
#define PS_UNPACK_RATIO_MAX 200 // and to this many times its size
#define PS_UNPACK_RATIO_FREE ((uint64_t)64 << 20) // but only past this much
#define PS_ARENA_BATCH_BYTES ((size_t)2 << 30) // address space, not memory: worst case of one batch of 16 MiB records
#define PS_ARENA_RUN_BYTES ((size_t)16 << 30) // address space, for each thread: names of 600 million domains

#endif
