# The guard of domains without mail, where a snapshot says which those are: what earlier runs knew counts here too.

load common

# FILE LETTER=ROWS...: so many people at LETTER.example.jp.
write_people() {
    local at n
    {
        echo email
        for at in "${@:2}"; do
            for ((n = 1; n <= ${at#*=}; n++)); do echo "p$n@${at%=*}.example.jp"; done
        done
    } >"$1"
}

# LINE...: the snapshot below its head.
write_snapshot() {
    { echo domain,verdict,reason && printf '%s\n' "$@"; } >mx.csv
}

write_job() {
    cat >job.yaml <<'YAML'
version: 1
as_of: 2026-11-21
recipients: [{file: in.csv}]
mx: {mode: snapshot, snapshot: mx.csv}
suppressions: none
guards: {min_rows: 1, removed_share: 100%, dead_rows: 5%}
YAML
    printf '%s\n' "$@" >>job.yaml
}

guard() {
    jq -r ".guards[] | select(.guard == \"dead_rows\") | .$1" presend-out/report.json
}

@test "a dead domain of a snapshot is news once" {
    write_job
    write_people in.csv a=9 b=1
    write_snapshot a.example.jp,deliverable,mx b.example.jp,no_mail,nxdomain c.example.jp,no_mail,nxdomain
    presend_ends 76 run job.yaml
    says stderr "1 of 10 addresses have a domain without mail that was not known to be so"
    presend_ends 76 run job.yaml # kept back, it made nothing known
    presend_ends 0 run job.yaml --accept dead_rows
    presend_ends 0 run job.yaml --as-of 2026-11-22
    [ "$(guard rows)" = 0 ]
    # The snapshot held this domain all the time, but no list did.
    write_people in.csv a=9 c=1
    presend_ends 76 run job.yaml --as-of 2026-11-23
}

@test "a domain of a snapshot that took mail before" {
    write_job
    write_people in.csv a=99 b=1
    write_snapshot a.example.jp,deliverable,mx b.example.jp,deliverable,mx
    presend_ends 0 run job.yaml
    write_snapshot a.example.jp,deliverable,mx b.example.jp,no_mail,nxdomain
    presend_ends 76 run job.yaml --as-of 2026-11-22
    says stderr "1 of them at 1 of the biggest domains, which took mail before"
    presend_ends 76 run job.yaml --as-of 2026-11-22 --set mx.mode=live --offline # the snapshot stands in for DNS
    presend_ends 0 run job.yaml --as-of 2026-11-22 --accept dead_rows
    presend_ends 0 run job.yaml --as-of 2026-11-23
}

@test "duplicates and expired win-backs are no dead rows" {
    write_job "mx: {mode: snapshot, snapshot: mx.csv, dangling: hold}" "engagement: {profile: b2c_weekly}"
    sed -i '4d' job.yaml
    write_snapshot a.example.jp,deliverable,mx b.example.jp,no_mail,mx_dangling
    write_people in.csv a=95 b=5
    sed -i '1s/$/,last_click,winback_sent_at/; 2,$s/$/,2026-11-01,/' in.csv
    presend_ends 0 run job.yaml --set state=one.sqlite
    [ "$(guard rows)" = 5 ]
    for _ in 1 2 3 4 5 6; do echo "p1@b.example.jp,2026-11-01,"; done >>in.csv
    presend_ends 0 run job.yaml --set state=two.sqlite
    [ "$(guard rows)" = 5 ]
    for n in 6 7 8 9; do echo "p$n@b.example.jp,2025-01-01,2026-01-01"; done >>in.csv
    presend_ends 0 run job.yaml --set state=three.sqlite
    [ "$(guard rows)" = 5 ]
}
