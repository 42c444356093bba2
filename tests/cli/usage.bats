# What presend says about itself, and how it refuses what it does not understand.

load common

@test "help lists every command, on standard output" {
    for word in --help -h help; do
        presend_ends 0 "$word"
        for command in run clean approve; do says stdout "  $command "; done
        is_silent stderr
    done
}

@test "each command has help with two examples and its options" {
    for command in run clean approve; do
        presend_ends 0 "$command" --help
        says stdout "Usage: presend $command"
        says stdout "--help"
        says stdout "  presend $command"
        is_silent stderr
    done
}

@test "help and version win over what else is wrong on the line" {
    presend_ends 0 run --help one two three
    presend_ends 0 clean -V
    says stdout presend
}

@test "the version names the build" {
    presend_ends 0 --version
    grep -Eq '^presend [0-9]+\.[0-9]+\.[0-9]+ \(build [0-9a-f]+\)$' stdout
    cp stdout long
    presend_ends 0 -V
    cmp stdout long
}

@test "without a command: usage, and what there is" {
    presend_ends 64
    says stderr "run"
    is_silent stdout
}

@test "an unknown command is answered with the one that was meant" {
    presend_ends 64 rnu
    says stderr 'Did you mean `presend run`?'
    presend_ends 64 clear
    says stderr 'Did you mean `presend clean`?'
    presend_ends 64 frobnicate
    says stderr "presend --help"
    is_silent stdout
}

@test "an unknown option is answered with the one that was meant" {
    presend_ends 64 run job.yaml --thread 2
    says stderr "Did you mean --threads?"
    presend_ends 64 clean in.csv --supress left.txt
    says stderr "Did you mean --suppress?"
    presend_ends 64 run job.yaml --zzz
    says stderr "presend run --help"
}

@test "options are never abbreviated: a script must not break when one is added" {
    presend_ends 64 run job.yaml --off
    says stderr "Did you mean --offline?"
    [ ! -e presend-out ]
}

@test "bad values say what would be good" {
    presend_ends 64 run job.yaml --threads 0
    says stderr "from 1 to"
    presend_ends 64 run job.yaml --as-of yesterday
    says stderr "2026-11-21"
    presend_ends 64 run job.yaml --color sometimes
    says stderr "auto always never"
    presend_ends 64 run job.yaml -o
    says stderr "needs"
    presend_ends 64 run
    presend_ends 64 run job.yaml another.yaml
    says stderr "another.yaml"
    presend_ends 64 run job.yaml --accept everything
    says stderr "everything"
}

@test "-- ends the options" {
    cp job.yaml -- -job.yaml
    presend_ends 0 run -o out -- -job.yaml
    is_whole out
}

@test "clean wants to hear about suppression lists, be it that there is none" {
    presend_ends 64 clean in.csv --offline
    says stderr "--suppress none"
    presend_ends 64 clean in.csv --offline --suppress none --suppress left.txt
    presend_ends 0 clean in.csv --offline --suppress left.txt
    [ -f presend-out/clean.csv ]
    presend_ends 0 clean in.csv --offline --suppress none -o bare
    [ -f bare/unsuppressed.csv ]
    [ ! -e bare/clean.csv ]
}

@test "the command line beats the job file" {
    presend_ends 0 run job.yaml -o there --as-of 2027-04-01 --set engagement.profile=b2b
    [ ! -e presend-out ]
    [ "$(jq -r .job.as_of there/report.json)" = 2027-04-01 ]
    [ "$(jq -r .job.engagement.profile there/report.json)" = b2b ]
}
