# On a terminal: progress while it works, then a summary that fits a screen.

load common

on_terminal() {
    python3 "$BATS_TEST_DIRNAME/pty_run.py" "$@" >screen
}

@test "progress and a summary, in colour" {
    on_terminal "$PRESEND" run "$SAMPLES/campaign-ja.yaml" --set state=state.sqlite -o out
    grep -q "$(printf '\r')" screen
    grep -Eq "judge +[0-9]+ %" screen
    grep -Eq "$(printf '\033')"'\[[0-9;]+m' screen
    says screen Clean
    says screen 1,599
    says screen "out"
    [ "$(wc -l <screen)" -le 24 ] # the summary fits a screen
}

@test "NO_COLOR, TERM=dumb and --color never: no colour" {
    NO_COLOR=1 on_terminal "$PRESEND" run job.yaml -o out
    lacks "$(printf '\033')"'\[[0-9;]*m' screen
    says screen Clean
    TERM=dumb on_terminal "$PRESEND" run job.yaml -o out
    lacks "$(printf '\033')" screen
    on_terminal "$PRESEND" run job.yaml -o out --color never
    lacks "$(printf '\033')"'\[[0-9;]*m' screen
}

@test "--color always colours what is no terminal, --progress never keeps still on one" {
    presend_ends 0 run job.yaml -o out -v --color always
    grep -q "$(printf '\033')" stderr
    on_terminal "$PRESEND" run "$SAMPLES/campaign-ja.yaml" --set state=state.sqlite -o out --progress never
    lacks "judge +[0-9]" screen
    says screen Clean
}

@test "a narrow terminal gets no lines that wrap" {
    COLUMNS=60 on_terminal "$PRESEND" run job.yaml -o out --color never --progress never
    awk '{ gsub(/\r/, ""); if (length($0) > 80) { print; bad = 1 } } END { exit bad }' screen
}

@test "the guard's message on a terminal says what to do next" {
    write_guarded_job
    on_terminal "$PRESEND" run job.yaml -o out || [ $? = 76 ]
    says screen "presend approve out"
}
