# `dedupe: {evidence: first}`: each row is judged alone, and a later row that says more keeps the set back.

load common

write_list() {
    write_job "dedupe: {evidence: first}"
    printf '%s\n' "$@" >>in.csv
}

@test "a list that holds every address once, or twice the same, is published" {
    write_list "5,good@example.jp,2026-10-01,2024-01-01"
    presend_ends 0 run job.yaml -o out
    says out/removed.csv "duplicate"
    says out/removed.csv "line 2"
    says out/report.json '"evidence": "first"'
    [ "$(jq '.guards[] | select(.guard == "evidence") | .fired' out/report.json)" = false ]
}

@test "76: a later row that opts out or says more, unless it is accepted" {
    write_list "5,good@example.jp,2026-11-01,2024-01-01" "6,gone@example.jp,2024-01-01,2023-01-01" "7,gone@example.jp,2026-11-01,2023-01-01"
    sed -i 's/$/,/; 1s/,$/,optout/; 6s/,$/,yes/' in.csv
    presend_ends 76 run job.yaml -o out
    says stderr "The guard evidence kept the set back: 2 rows say more of their address than its first row does, and 1 of them speak against mailing it"
    says stderr 'dedupe: {evidence: best}'
    says stderr '--accept evidence'
    [ ! -e out ]
    presend_ends 0 run job.yaml -o out --accept evidence
    says out/clean.csv good@example.jp
    presend_ends 0 run job.yaml -o out --set dedupe.evidence=best
    lacks good@example.jp out/clean.csv
    says out/clean.csv gone@example.jp
}

@test "who opts out in the first row goes out in none" {
    write_list "5,good@example.jp,2026-11-01,2024-01-01"
    sed -i 's/$/,/; 1s/,$/,optout/; 2s/,$/,yes/' in.csv
    presend_ends 0 run job.yaml -o out
    lacks good@example.jp out/clean.csv
    says out/removed.csv "5,good@example.jp,2026-11-01,2024-01-01,,duplicate"
}
