#!/usr/bin/env bats
# `- include: FILE`: several jobs share their suppression sources.

load common

write_jobs() {
    mkdir -p shared/lists
    printf 'stop@example.jp\n' >shared/lists/letters.txt
    printf -- '- {name: letters, type: file, file: lists/letters.txt}\n' >shared/sources.list
    chmod 600 shared/sources.list
    printf 'email\nstop@example.jp\ngo@example.jp\nhere@example.jp\n' >in.csv
    printf 'here@example.jp\n' >here.txt
    for job in one two; do
        cat >$job.yaml <<EOF
version: 1
recipients: [{file: in.csv}]
mx: {mode: off}
suppressions:
  - include: shared/sources.list
  - {name: here, type: file, file: here.txt}
output: {directory: $job}
guards: {min_rows: 1, removed_share: $1}
EOF
    done
}

@test "two jobs share a file of sources, whose paths are its own" {
    write_jobs 100%
    for job in one two; do
        presend_ends 0 run $job.yaml
        [ "$(cat $job/clean.csv)" = "$(printf 'email\ngo@example.jp')" ]
        grep -q '"source":"letters"' <(tr -d ' \n' <$job/report.json)
        grep -q 'included: shared/sources.list' $job/report.html
    done
}

@test "an included file that changed keeps a set from being approved" {
    write_jobs 10%
    presend_ends 76 run one.yaml
    echo '# nothing' >>shared/sources.list
    presend_ends 65 approve one
    says stderr sources.list
}

@test "an included file is as safe as the job file, and there" {
    write_jobs 100%
    chmod o+w shared/sources.list
    presend_ends 78 run one.yaml
    says stderr "can be changed by every user"
    rm shared/sources.list
    presend_ends 66 run one.yaml
    says stderr "one.yaml:5:14"
}
