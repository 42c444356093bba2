# A real name server on loopback for the tests of mail domains, and servers before it that have faults.

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
PATH=$PATH:/usr/sbin

# A port that was free a moment ago, below the range that the kernel hands out.
free_port() {
    python3 -c '
import random, socket
while True:
    port = random.randrange(20000, 32000)
    try:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(socket.AF_INET, kind) as s: s.bind(("127.0.0.1", port))
    except OSError: continue
    print(port); break'
}

setup_file() {
    command -v knotd >/dev/null || return 0
    KNOT=$BATS_FILE_TMPDIR/knot
    mkdir -p "$KNOT/db"
    DNS=127.0.0.1:$(free_port)
    {
        cat "$ROOT/tests/dns/zone"
        echo "hosted.example.jp. MX 10 aspmx.l.google.com."
        echo "aspmx.l.google.com. A 192.175.48.6"
        echo "docomo.ne.jp. MX 10 mail.example.net."
    } >"$KNOT/zone"
    cat >"$KNOT/knot.conf" <<END
server:
    rundir: "$KNOT"
    listen: 127.0.0.1@${DNS#*:}
database:
    storage: "$KNOT/db"
mod-stats:
  - id: count
template:
  - id: default
    global-module: mod-stats/count
zone:
  - domain: .
    file: "$KNOT/zone"
    zonefile-load: whole
    journal-content: none
END
    knotd -c "$KNOT/knot.conf" >"$KNOT/log" 2>&1 3>&- &
    KNOT_PID=$!
    export KNOT DNS KNOT_PID
    for _ in $(seq 100); do
        knotc -s "$KNOT/knot.sock" zone-status 2>/dev/null | grep -q serial && return 0
        sleep 0.1
    done
    cat "$KNOT/log"
    return 1
}

teardown_file() {
    [ -z "${KNOT_PID:-}" ] || kill "$KNOT_PID"
}

needs_knot() {
    command -v knotd >/dev/null || skip "knotd is not installed"
}

# presend domains, asking knotd as fast as it answers.
ask() {
    presend_ends 0 domains --resolver "$DNS" --dns-rate 0 "$@"
}

# Queries that knotd has seen so far.
queries() {
    knotc -s "$KNOT/knot.sock" stats | sed -n 's/^mod-stats.server-operation\[query\] = //p' | grep . || echo 0
}

# A run over some of the zone's domains. Arguments are members of `mx`, and further lines of the job file.
write_mx_job() {
    printf '%s\n' email a@one.example.jp b@two.example.jp c@absent.example.jp d@hosted.example.jp e@docomo.ne.jp >in.csv
    {
        echo "version: 1"
        echo "recipients: [{file: in.csv}]"
        echo "mx: {resolvers: [\"${DNS:-127.0.0.1}\"], rate: 0, $1}"
        echo "suppressions: none"
        printf '%s\n' "${@:2}"
    } >job.yaml
}

result() {
    jq -r "select(.domain == \"$1\") | .verdict + \" \" + .reason" "${2:-stdout}"
}

# A front of knotd that speaks DNS over HTTP; sets DOH and DOH_PID. Arguments are of doh_faults.py.
start_doh() {
    rm -f doh.port
    python3 "$ROOT/tests/dns/doh_faults.py" "${DNS#*:}" "$@" >doh.port 2>doh.log 3>&- &
    DOH_PID=$!
    for _ in $(seq 100); do
        [ -s doh.port ] && break
        sleep 0.05
    done
    DOH=http://127.0.0.1:$(cat doh.port)/dns-query
}

# start_faults OPTION...: sets $FAULTS and $FAULTS_PID
start_faults() {
    rm -f faults.port
    python3 "$ROOT/tests/dns/faults.py" "$@" >faults.port 2>faults.log 3>&- &
    FAULTS_PID=$!
    for _ in $(seq 100); do
        [ -s faults.port ] && break
        sleep 0.05
    done
    FAULTS=127.0.0.1:$(cat faults.port)
}
