# Stopped in the middle: the old set stands, nothing is left behind, and the next run works.

load common

stopped_by() {
    presend_ends 0 run job.yaml -o out
    cp -r out old
    start_waiting out
    sleep 0.2
    kill -"$1" "$WAITING"
    local got=0
    wait "$WAITING" || got=$?
    exec 9>&-
    [ "$got" = "$2" ] || { echo "exit $got instead of $2"; cat stderr; return 1; }
    diff -r old out
}

# Nothing is left beside the set but its lock, which nobody holds, and the state of the first run, likewise.
left_nothing() {
    [ "$(ls -A | grep presend | tr '\n' ' ')" = ".out.presend.lock .presend.sqlite.lock presend.sqlite " ] || { ls -la; return 1; }
    presend_ends 0 run job.yaml -o out
    is_whole out
}

@test "SIGINT ends with 130, and says how to go on" {
    stopped_by INT 130
    says stderr "same command again"
    left_nothing
}

@test "SIGTERM ends with 143" {
    stopped_by TERM 143
    left_nothing
}

@test "a run that was killed leaves the old set, and the next one clears up after it" {
    stopped_by KILL 137
    presend_ends 0 run job.yaml -o out
    left_nothing
}

@test "a reader of --json that goes away changes nothing about the set" {
    (set +o pipefail; "$PRESEND" run job.yaml -o out --json | true)
    is_whole out
}
