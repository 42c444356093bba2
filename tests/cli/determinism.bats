# The same bytes for any number of threads, locale, time zone and machine clock.

load common

# Some batches of work: the people of the sample campaign ten times over, each time others.
write_large_job() {
    head -1 "$SAMPLES/campaign-ja.csv" >large.csv
    for i in $(seq 10); do tail -n +2 "$SAMPLES/campaign-ja.csv" | LC_ALL=C sed "s/presend-sample-/presend-$i-/"; done >>large.csv
    sed -E "s|\<file: ([a-z])|file: $SAMPLES/\1|; s|snapshot: mx|snapshot: $SAMPLES/mx|; s|$SAMPLES/campaign-ja.csv|large.csv|" \
        "$SAMPLES/campaign-ja.yaml" >large.yaml
}

@test "threads change nothing" {
    write_large_job
    presend_ends 0 run large.yaml -o one --threads 1
    jq -e '.counts.rows == 20000' one/report.json
    for threads in 2 3 8; do
        presend_ends 0 run large.yaml -o many --threads "$threads"
        same_set one many
    done
}

@test "locale, time zone and home change nothing" {
    presend_ends 0 run "$SAMPLES/campaign-ja.yaml" --set state=state.sqlite -o one
    for setting in LANG=tr_TR.UTF-8 LC_ALL=ja_JP.SJIS LC_ALL=C.UTF-8 TZ=Pacific/Kiritimati TZ=:nonsense HOME= LANGUAGE=ja OMP_NUM_THREADS=7 \
        TMPDIR=/nowhere POSIXLY_CORRECT=1; do
        env "$setting" "$PRESEND" run "$SAMPLES/campaign-ja.yaml" --set state=state.sqlite -o other >stdout 2>stderr
        same_set one other
    done
    env -i "$PRESEND" run "$SAMPLES/campaign-ja.yaml" --set state=state.sqlite -o other
    same_set one other
}

@test "packed or piped, the lists are the same" {
    presend_ends 0 clean in.csv --suppress left.txt --offline --as-of 2026-11-21 -o plain
    gzip -k in.csv
    zstd -q in.csv
    for file in in.csv.gz in.csv.zst; do
        presend_ends 0 clean "$file" --suppress left.txt --offline --as-of 2026-11-21 -o packed
        cmp plain/clean.csv packed/clean.csv
    done
    for file in in.csv in.csv.gz; do
        "$PRESEND" clean - --suppress left.txt --offline --as-of 2026-11-21 -o piped <"$file"
        cmp plain/clean.csv piped/clean.csv
    done
}

@test "standard descriptors that are closed or full change nothing about the set" {
    presend_ends 0 run job.yaml -o one
    "$PRESEND" run job.yaml -o other <&- >&- 2>&-
    same_set one other
    "$PRESEND" run job.yaml -o other --json >/dev/full 2>/dev/full
    same_set one other
}
