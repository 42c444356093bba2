# What columns beside the dates say: consent, segment, opens that no person made.

load common

# A list from stdin, and a job for it.
write_list() {
    cat >in.csv
    cat >job.yaml <<'YAML'
version: 1
as_of: 2026-11-21
recipients: [{file: in.csv}]
mx: {mode: off}
suppressions: none
YAML
    printf '%s\n' "$@" >>job.yaml
}

rows() {
    tail -n +2 "$1" | cut -d@ -f1 | paste -sd' '
}

@test "consent: hold holds whom no row shows consent of" {
    write_list "consent: hold" <<'CSV'
email,consent_at,consent_source
a@example.jp,2024-01-01,
b@example.jp,,web form
c@example.jp,,
d@example.jp,0000-00-00,なし
e@example.jp,2024-01-01,
e@example.jp,,
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a b" ]
    [ "$(rows out/held.csv)" = "c d e" ] # of missing consent the worst counts
    [ "$(jq '.reasons[] | select(.reason == "consent") | .decided' out/report.json)" = 3 ]
    presend_ends 0 run job.yaml --set consent=keep -o out
    [ "$(rows out/clean.csv)" = "a b c d e" ]
}

@test "consent: hold needs a column that could show it" {
    write_list "consent: hold" <<<$'email\na@example.jp'
    presend_ends 65 run job.yaml -o out
    says stderr "columns: {consent_at: ITS HEADER}"
}

@test "the segment picks the windows of a row" {
    write_list "engagement: {profile: b2c_weekly}" <<'CSV'
email,last_click,segment
a@example.jp,2026-06-01,
b@example.jp,2026-06-01,B2B
c@example.jp,2026-06-01,b2c
d@example.jp,2026-01-01,法人
e@example.jp,2026-11-01,
f@example.jp,2026-01-01,b2c
f@example.jp,,b2b
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a b c d e f" ]
    [ "$(jq -c '[.reasons[] | select(.reason == "active" or .reason == "cooling") | .found]' out/report.json)" = "[2,5]" ]
    presend_ends 0 run job.yaml --set engagement.profile=b2b -o out
    [ "$(rows out/clean.csv)" = "a b c d e f" ]
}

@test "an open that a machine made is none" {
    write_list "engagement: {profile: b2c_weekly}" <<'CSV'
email,last_open,open_is_machine,last_click,signup_at
a@example.jp,2026-11-01,yes,2026-02-01,2020-01-01
b@example.jp,2026-11-01,no,2026-02-01,2020-01-01
c@example.jp,2026-11-01,,2026-02-01,2020-01-01
d@icloud.com,2026-11-01,,2026-02-01,2020-01-01
e@icloud.com,2026-11-01,no,2026-02-01,2020-01-01
f@example.jp,,,2026-11-01,2020-01-01
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "b c e f" ]
    [ "$(rows out/winback.csv)" = "a d" ]
}
