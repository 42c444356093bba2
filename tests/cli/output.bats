# What stands where: data on standard output, messages on standard error, files that nobody else can read.

load common

@test "a run that nobody watches says nothing" {
    presend_ends 0 run job.yaml -o out
    is_silent stdout
    is_silent stderr
}

@test "-v says more, -q nothing but errors" {
    presend_ends 0 run job.yaml -o out -v
    is_silent stdout
    [ -s stderr ]
    presend_ends 69 run job.yaml -o out -q --set suppressions.0.file=nowhere
    [ -s stderr ]
}

@test "--json is one valid line on success" {
    presend_ends 0 run job.yaml -o out --json
    [ "$(wc -l <stdout)" = 1 ]
    jq -e '.counts == {rows: 4, clean: 1, winback: 1, held: 1, removed: 1}' stdout
    jq -e '.directory == "out" and .as_of == "2026-11-21"' stdout
    jq -e '.run_id == $set[0].run_id' --slurpfile set out/manifest.json stdout
    is_silent stderr
}

@test "--json is one valid line on every kind of failure" {
    printf 'x' >bad.csv
    for line in "64 run job.yaml --nonsense" "66 run nowhere.yaml" "69 run job.yaml --set suppressions.0.file=nowhere" \
        "65 run job.yaml --set recipients.0.file=bad.csv" "78 run job.yaml --set mx.mode=sometimes" "73 run job.yaml -o no/where" \
        "66 approve out"; do
        presend_ends $line --json
        [ "$(wc -l <stdout)" = 1 ]
        jq -e '.error | has("code") and has("message") and has("hint") and has("where")' stdout
        is_silent stderr
    done
}

@test "the code of a JSON error is the word of its exit code" {
    presend_ends 69 run job.yaml --json --set suppressions.0.file=nowhere
    [ "$(jq -r .error.code stdout)" = source ]
    write_guarded_job
    presend_ends 76 run job.yaml --json -o out
    jq -e . stdout
}

@test "messages for programs are one JSON object a line" {
    presend_ends 69 run job.yaml --log-format json --set suppressions.0.file=nowhere
    is_silent stdout
    while read -r line; do jq -e '.ts and .level and .event' <<<"$line"; done <stderr
}

@test "files are for their owner alone, whatever the umask" {
    for mask in 000 022 077; do
        rm -rf out
        (umask "$mask" && presend_ends 0 run job.yaml -o out)
        [ "$(stat -c %a out)" = 700 ]
        for file in out/*; do [ "$(stat -c %a "$file")" = 600 ]; done
    done
    write_guarded_job
    presend_ends 76 run job.yaml -o out
    [ "$(stat -c %a out.pending)" = 700 ]
    for file in out.pending/*; do [ "$(stat -c %a "$file")" = 600 ]; done
}

@test "the set is the four lists, the report twice and the manifest" {
    presend_ends 0 run job.yaml -o out
    [ "$(ls out | tr '\n' ' ')" = "clean.csv held.csv manifest.json removed.csv report.html report.json winback.csv " ]
    jq -e . out/report.json
    [ "$(jq -r '.files | length' out/manifest.json)" = 6 ]
    [ "$(jq -r .as_of out/manifest.json)" = 2026-11-21 ]
}

@test "a new run takes the place of the old set as a whole" {
    presend_ends 0 clean in.csv --suppress none --offline -o out
    [ -f out/unsuppressed.csv ]
    presend_ends 0 run job.yaml -o out
    [ ! -e out/unsuppressed.csv ]
    is_whole out
}

@test "no address is on standard error, in JSON or in the report unless asked for" {
    sed -i 's/good@/canary-0451@/' in.csv
    echo 'canary-0452.example.jp' >>left.txt
    local got=0
    presend run job.yaml -o out -v || got=$?
    lacks canary stderr stdout
    sed -i '$d' left.txt
    echo '5,"canary-0453@example.jp, canary-0454@example.jp",2026-11-01,2024-01-01' >>in.csv
    presend_ends 0 run job.yaml -o out -v --json --set recipients.0.columns.email=email
    lacks canary stderr stdout out/report.json out/report.html out/manifest.json
    printf 'id,email\n1,canary-0455@example.jp\n1,"canary-0456@example.jp' >in.csv
    presend_ends 65 run job.yaml -o out -v
    lacks canary stderr stdout
    printf 'canary-0457@example.jp\n*@canary-0458.example.jp\n' >left.txt
    presend_ends 69 run job.yaml -o out -v
    lacks canary-0457 stderr stdout
}

@test "control characters in names reach no terminal" {
    printf 'id,em\033[2Jail,x\n1,a@example.jp,2\n' >in.csv
    presend_ends 65 run job.yaml
    lacks "$(printf '\033')" stderr
    presend_ends 66 run "$(printf 'no\033[31mwhere.yaml')"
    lacks "$(printf '\033')" stderr
}

@test "the campaign of the samples: all rows accounted for, nothing that is suppressed goes out" {
    presend_ends 0 run "$SAMPLES/campaign-ja.yaml" --set state=state.sqlite -o ja --json
    jq -e '.counts | .rows == 2000 and .rows == .clean + .winback + .held + .removed and .clean > 1560 and .clean < 1640' stdout
    jq -e '[.guards[].fired] | any | not' ja/report.json
    cut -d, -f1 "$SAMPLES/mailgun-unsubscribes.csv" | tail -n +2 | sed 's/@xn--.*//' >listed
    [ "$(wc -l <listed)" -ge 18 ]
    iconv -f cp932 -t utf-8 ja/clean.csv >sent
    lacks "$(paste -sd "|" listed | sed "s/\./\\./g")" sent
    presend_ends 0 run "$SAMPLES/campaign-en.yaml" -o en --json
    jq -e '.counts | .rows == 300 and .rows == .clean + .winback + .held + .removed' stdout
}
