# Policies that are only counted: what they say is what would come out, and nothing comes out of them.

load common

rows() {
    jq -c "$1 | {clean, winback, held, removed}" "$2/report.json"
}

@test "each policy counts what a run with it gives" {
    cp "$BATS_TEST_DIRNAME/../golden/policies/in.csv" in.csv
    for decides in b2c_weekly b2c_daily b2c_monthly b2b; do
        cat >job.yaml <<YAML
version: 1
as_of: 2026-11-21
recipients: [{file: in.csv}]
mx: {mode: off}
suppressions: none
engagement: {profile: $decides}
policies: {b2c_weekly: {profile: b2c_weekly}, b2c_daily: {profile: b2c_daily}, b2c_monthly: {profile: b2c_monthly}, b2b: {profile: b2b}}
YAML
        presend_ends 0 run job.yaml -o "$decides"
    done
    for decides in b2c_weekly b2c_daily b2c_monthly b2b; do
        for counted in b2c_weekly b2c_daily b2c_monthly b2b; do
            want=$(rows .counts "$counted")
            got=$(rows ".projections.policies[] | select(.policy == \"$counted\") | .rows" "$decides")
            [ "$got" = "$want" ] || { echo "$counted beside $decides: $got, not $want"; return 1; }
        done
    done
    [ "$(rows .counts b2c_daily)" != "$(rows .counts b2b)" ]
}

@test "policies change nothing that goes out" {
    presend_ends 0 run job.yaml -o without
    echo "policies: {strict: {profile: b2c_daily}}" >>job.yaml
    presend_ends 0 run job.yaml -o with -v
    for name in clean winback held removed; do cmp without/$name.csv with/$name.csv; done
    says stderr "Policy strict would give"
    says with/report.html strict
    lacks "Policies side by side" without/report.html
}

@test "78: a policy that contradicts itself, has no proper name, or is one too many" {
    cp job.yaml base.yaml
    for bad in 'strict: {active: 300d}' 'Strict One: {}' 'a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, g: {}, h: {}, i: {}' 'strict: {profil: b2b}' 'strict: b2b'; do
        { cat base.yaml; echo "policies: {$bad}"; } >job.yaml
        presend_ends 78 run job.yaml -o out
        says stderr job.yaml:8
    done
}

@test "76: the guard on inactive rows says which rule took how many" {
    write_job "guards: {min_rows: 1, engagement_share: 30%, removed_share: 90%}"
    printf '5,gone@example.jp,2024-01-01,2023-01-01\n6,never@example.jp,,2022-05-01\n7,nobody@example.jp,,2022-06-01\n' >>in.csv
    presend_ends 76 run job.yaml -o out
    says stderr "engagement_share"
    says stderr "3 of 7 addresses would be removed as inactive (dormant 1, never_engaged 2)"
    [ ! -e out ]
    presend_ends 0 run job.yaml -o out --accept engagement_share
}
