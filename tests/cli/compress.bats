# `output.compress`: the lists are packed, and unpacked they are the same bytes.

load common

write_large_job() {
    head -1 "$SAMPLES/campaign-ja.csv" >large.csv
    for i in $(seq 10); do tail -n +2 "$SAMPLES/campaign-ja.csv" | LC_ALL=C sed "s/presend-sample-/presend-$i-/"; done >>large.csv
    sed -E "s|\<file: ([a-z])|file: $SAMPLES/\1|; s|snapshot: mx|snapshot: $SAMPLES/mx|; s|$SAMPLES/campaign-ja.csv|large.csv|" \
        "$SAMPLES/campaign-ja.yaml" >large.yaml
}

@test "gzip -d and zstd -d give the plain lists, for any number of threads" {
    write_large_job
    presend_ends 0 run large.yaml -o plain --set state=plain.sqlite
    for threads in 1 2 3 8 64; do
        presend_ends 0 run large.yaml -o gz --set state=gz$threads.sqlite --set output.compress=gzip --threads $threads
        presend_ends 0 run large.yaml -o zst --set state=zst$threads.sqlite --set output.compress=zstd --threads $threads
        for list in clean winback held removed; do
            gzip -dc gz/$list.csv.gz | cmp - plain/$list.csv
            zstd -qdc zst/$list.csv.zst | cmp - plain/$list.csv
            [ ! -e gz/$list.csv ]
        done
    done
    says gz/report.json '"compress": "gzip"'
}

@test "the manifest holds for the packed files" {
    presend_ends 0 run job.yaml -o out --set output.compress=zstd
    [ "$(jq -r '[.files[].name] | sort | join(" ")' out/manifest.json)" = "clean.csv.zst held.csv.zst removed.csv.zst report.html report.json winback.csv.zst" ]
    (cd out && jq -r '.files[] | "\(.sha256)  \(.name)"' manifest.json | sha256sum -c >/dev/null)
    [ "$(jq -r '.files[] | select(.name == "clean.csv.zst") | .rows' out/manifest.json)" = 1 ]
}

@test "a packed set replaces a plain one and the other way, and is approved like one" {
    presend_ends 0 run job.yaml -o out
    presend_ends 0 run job.yaml -o out --set output.compress=gzip
    [ ! -e out/clean.csv ]
    write_guarded_job
    presend_ends 76 run job.yaml -o out --set output.compress=gzip
    presend_ends 0 approve out
    [ "$(gzip -dc out/removed.csv.gz | wc -l)" = 3 ]
    presend_ends 0 run job.yaml -o out --accept removed_share
    [ ! -e out/clean.csv.gz ]
}

@test "an empty list without a header is an empty file that can be unpacked" {
    printf '1,left@example.jp,2026-11-01,2024-01-01\n' >in.csv
    sed -i 's|{file: in.csv}|{file: in.csv, header: none, columns: {email: 2}}|' job.yaml
    presend_ends 0 run job.yaml -o out --set output.compress=gzip --accept removed_share
    [ "$(gzip -dc out/clean.csv.gz | wc -c)" = 0 ]
    presend_ends 0 run job.yaml -o out --set output.compress=zstd --accept removed_share
    [ "$(zstd -dc out/clean.csv.zst | wc -c)" = 0 ]
}
