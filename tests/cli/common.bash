# What the command line tests share. PRESEND names the program; every test has a folder of its own and starts in it.

: "${PRESEND:?names the program to test}"
SAMPLES=$(cd "$BATS_TEST_DIRNAME/../../samples" && pwd)

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    write_job
}

# A job of four rows: one clean, one for each of the others. Arguments are further lines of the job file.
write_job() {
    cat >in.csv <<'CSV'
id,email,last_click,signup_at
1,good@example.jp,2026-11-01,2024-01-01
2,lapsed@example.jp,2026-04-01,2024-01-01
3,"""not usual""@example.jp",2026-11-01,2024-01-01
4,left@example.jp,2026-11-01,2024-01-01
CSV
    echo left@example.jp >left.txt
    {
        echo "version: 1"
        echo "as_of: 2026-11-21"
        echo "recipients: [{file: in.csv}]"
        echo "mx: {mode: off}"
        echo "suppressions: [{name: left, type: file, file: left.txt}]"
        echo "engagement: {profile: b2c_weekly}"
        printf '%s\n' "$@"
    } >job.yaml
}

# A job whose run a guard keeps back: two of its four rows would be removed.
write_guarded_job() {
    write_job "guards: {min_rows: 1, removed_share: 20%}"
    echo good@example.jp >>left.txt
}

# presend, with what it prints on each channel in a file.
presend() {
    "$PRESEND" "$@" >stdout 2>stderr
}

# presend must end with this exit code.
presend_ends() {
    local want=$1 got=0
    shift
    presend "$@" || got=$?
    if [ "$got" != "$want" ]; then
        echo "exit $got instead of $want: presend $*"
        cat stdout stderr
        return 1
    fi
}

# stderr or stdout holds this text.
says() {
    grep -qF -- "$2" "$1" || {
        echo "$1 lacks: $2"
        cat "$1"
        return 1
    }
}

# These files hold no match of this pattern. (`! grep` alone would fail no test.)
lacks() {
    local pattern=$1
    shift
    if grep -rE -- "$pattern" "$@"; then
        echo "there is $pattern in: $*"
        return 1
    fi
}

is_silent() {
    if [ -s "$1" ]; then
        echo "$1 is not empty:"
        cat "$1"
        return 1
    fi
}

# Every file of the set is what its manifest says.
is_whole() {
    [ -f "$1/manifest.json" ] || { echo "$1 has no manifest"; return 1; }
    jq -r '.files[] | .sha256 + "  " + .name' "$1/manifest.json" | (cd "$1" && sha256sum --check --quiet --strict)
}

# The lists and the report without what differs from run to run.
same_set() {
    local name
    for name in clean winback held removed; do
        cmp "$1/$name.csv" "$2/$name.csv" || return 1
    done
    diff <(jq 'del(.run)' "$1/report.json") <(jq 'del(.run)' "$2/report.json")
}

# Run in the background on standard input from a pipe that nobody closes, until it waits for it with the lock held.
start_waiting() {
    mkfifo pipe
    env --default-signal=INT "$PRESEND" clean - --suppress none --offline -o "$1" <pipe >stdout 2>stderr &
    WAITING=$!
    exec 9>pipe
    echo "id,email" >&9
    local i
    for i in $(seq 100); do
        [ -e ".$1.presend.lock" ] && return 0
        ls -a | grep -q lock && return 0
        sleep 0.05
    done
    echo "no lock was taken"
    ls -la
    return 1
}

stop_waiting() {
    exec 9>&-
    wait "$WAITING" || true
}
