# What a run asks about mail domains, remembers of them, and does with what it is told.

load common
load knot

@test "a run whose domains are all known sends nothing, and needs no resolver" {
    needs_knot
    write_mx_job "" "output: {directory: out}"
    presend_ends 0 run job.yaml
    before=$(queries)
    presend_ends 0 run job.yaml
    [ "$(queries)" = "$before" ]
    [ "$(jq -c "[.dns.unknown, .dns.not_checked]" out/report.json)" = "[0,0]" ]
    cp out/removed.csv known
    sed -i 's/resolvers: [^]]*]/resolvers: ["127.0.0.1:9"]/' job.yaml
    presend_ends 0 run job.yaml
    diff known out/removed.csv
    # One domain more is asked for, and nobody is there.
    echo e@new.example.jp >>in.csv
    presend_ends 75 run job.yaml
    says stderr "No DNS resolver answers"
    sed -i 's/^mx: {/mx: {no_answer: unknown, /' job.yaml
    presend_ends 0 run job.yaml
    [ "$(jq -r .dns.unknown out/report.json)" = 1 ]
    diff known out/removed.csv
}

@test "resolvers that lie remove nobody, and the headline tells of them" {
    start_faults --hijack a
    DNS=$FAULTS write_mx_job ""
    printf '%s\n' email a@absent.example.jp b@ok.example.jp >in.csv
    presend_ends 0 run job.yaml
    kill "$FAULTS_PID"
    [ "$(wc -l <presend-out/clean.csv)" = 3 ]
    jq -e '.warnings[] | select(.code == "dns_not_trusted") | .headline' presend-out/report.json
    says presend-out/report.html "had addresses for names that do not exist"
    start_faults --deny gmail.com
    DNS=$FAULTS write_mx_job ""
    printf '%s\n' email a@absent.example.jp b@gmail.com >in.csv
    presend_ends 0 run job.yaml
    kill "$FAULTS_PID"
    [ "$(wc -l <presend-out/clean.csv)" = 3 ]
    says presend-out/report.html "did not know names that everybody knows, or stopped answering"
    start_faults
    DNS=$FAULTS write_mx_job ""
    printf '%s\n' email a@absent.example.jp b@gmail.com >in.csv
    presend_ends 0 run job.yaml
    kill "$FAULTS_PID"
    [ "$(wc -l <presend-out/clean.csv)" = 2 ]
    jq -e '[.warnings[] | select(.code == "dns_not_trusted")] == []' presend-out/report.json
}

@test "somebody who guesses answers is told of" {
    start_faults
    DNS=$FAULTS write_mx_job ""
    printf '%s\n' email a@flood.example.jp b@drop.example.jp c@authentic.example.jp >in.csv
    presend_ends 0 run job.yaml
    kill "$FAULTS_PID"
    [ "$(jq -c '[.dns.deliverable, .run.dns_authentic]' presend-out/report.json)" = "[2,1]" ]
    [ "$(jq '.run.dns_spoofed >= 1 and .run.dns_timeouts >= 3 and .run.dns_dropped == 0' presend-out/report.json)" = true ]
    jq -e '.warnings[] | select(.code == "dns_spoofed") | .headline' presend-out/report.json
    says presend-out/report.html "in the resolver&#39;s place"
}

@test "a run remembers, and the next one asks nobody" {
    needs_knot
    write_mx_job "cache: 2d"
    presend_ends 0 run job.yaml
    [ "$(jq -r .run.dns_cached presend-out/report.json)" = 0 ]
    [ "$(jq -c '[.operators[] | [.operator, .rows]]' presend-out/report.json)" = \
        '[["docomo",1],["google_workspace",1],[null,3]]' ]
    mv presend-out first
    write_mx_job "cache: 2d"
    presend_ends 0 run job.yaml
    [ "$(jq -r .run.dns_cached presend-out/report.json)" = 5 ]
    cmp first/clean.csv presend-out/clean.csv
    # Which dead domains are news to the guard is of the past, too.
    diff <(jq 'del(.run, .guards, .history)' first/report.json) <(jq 'del(.run, .guards, .history)' presend-out/report.json)
    presend_ends 0 run job.yaml --offline
    [ "$(jq -r .dns.mode presend-out/report.json)" = offline ]
    [ "$(jq -r .dns.not_checked presend-out/report.json)" = 0 ]
    cmp first/clean.csv presend-out/clean.csv
    presend_ends 0 domains --cache list --job job.yaml --json
    expires=$(jq -r 'select(.domain == "one.example.jp") | (.expires_at | fromdate) - (.checked_at | fromdate)' stdout)
    [ "$expires" = $((2 * 86400)) ]
}

@test "a state of somebody's: by its job, or by its file" {
    needs_knot
    write_mx_job "cache: 2d" "owner: shop-jp"
    presend_ends 0 run job.yaml
    presend_ends 0 domains --offline --json --state presend.sqlite one.example.jp
    [ "$(jq -r .cached stdout)" = true ]
    presend_ends 0 domains --offline --json --job job.yaml one.example.jp
    [ "$(jq -r .cached stdout)" = true ]
    sed -i 's/owner: .*/owner: other/' job.yaml
    presend_ends 78 domains --offline --job job.yaml one.example.jp
}

@test "a finished run saves its snapshot, and another run reads it" {
    needs_knot
    mkdir saved
    write_mx_job "save_snapshot: saved/mx.csv"
    presend_ends 0 run job.yaml
    [ "$(cut -d, -f1-4 saved/mx.csv)" = "$(printf '%s\n' domain,verdict,reason,operator \
        absent.example.jp,no_mail,nxdomain, docomo.ne.jp,deliverable,mx,docomo \
        hosted.example.jp,deliverable,mx_operator,google_workspace one.example.jp,deliverable,mx, \
        two.example.jp,deliverable,mx,)" ]
    [ "$(ls -A saved)" = mx.csv ]
    cp presend-out/clean.csv live.csv
    write_mx_job "mode: snapshot, snapshot: saved/mx.csv"
    presend_ends 0 run job.yaml
    cmp live.csv presend-out/clean.csv
    [ "$(jq -c '[.operators[] | [.operator, .rows]]' presend-out/report.json)" = \
        '[["docomo",1],["google_workspace",1],[null,3]]' ]
}

@test "a snapshot that cannot be saved fails the run before anything is published" {
    needs_knot
    write_mx_job "save_snapshot: nowhere/mx.csv"
    presend_ends 73 run job.yaml
    [ ! -e presend-out ]
    mkdir presend-out
    write_mx_job "save_snapshot: presend-out/mx.csv"
    presend_ends 64 run job.yaml
    says stderr "replaced as a whole"
    [ -z "$(ls -A presend-out)" ]
}

@test "a guarded run leaves the old snapshot, and its domains are not known" {
    needs_knot
    echo old >mx.csv
    write_mx_job "save_snapshot: mx.csv" "guards: {min_rows: 1, dead_rows: 1%}"
    presend_ends 76 run job.yaml
    says stderr dead_rows
    [ "$(cat mx.csv)" = old ]
    presend_ends 76 run job.yaml # again: what it wrote itself makes nothing known
    presend_ends 0 run job.yaml --accept dead_rows
    [ "$(wc -l <mx.csv)" = 6 ]
}

@test "snapshots that are missing or not to be trusted" {
    write_mx_job "mode: snapshot, snapshot: mx.csv"
    presend_ends 66 run job.yaml
    printf 'domain,verdict\na.jp,deliverable\na.jp,no_mail\n' >mx.csv
    presend_ends 65 run job.yaml
    says stderr "two verdicts"
    write_mx_job "snapshot: mx.csv"
    presend_ends 65 run job.yaml --offline
}

@test "unknown domains: kept by default, held where the job says so" {
    write_mx_job "mode: off"
    presend_ends 0 run job.yaml
    [ "$(wc -l <presend-out/clean.csv)" = 6 ]
    write_mx_job "no_answer: unknown, unknown: hold" "state: other.sqlite"
    sed -i "s/resolvers: [^,]*/resolvers: [\"127.0.0.1:$(free_port)\"]/" job.yaml
    presend_ends 0 run job.yaml
    [ "$(grep -c resolver_down presend-out/held.csv)" = 5 ]
    sed -i 's/no_answer: unknown, //' job.yaml
    presend_ends 75 run job.yaml
    presend_ends 0 run job.yaml --offline
    [ "$(grep -c not_checked presend-out/held.csv)" = 5 ]
}

@test "implicit, parking and dangling domains go where the job says" {
    needs_knot
    write_mx_job "implicit: remove, parking: hold, dangling: hold"
    printf '%s\n' email a@implicit.example.jp b@parking.example.jp c@dangling.example.jp d@one.example.jp >in.csv
    presend_ends 0 run job.yaml
    [ "$(grep -c implicit_mx presend-out/removed.csv)" = 1 ]
    [ "$(grep -c parking_mx presend-out/held.csv)" = 1 ]
    [ "$(grep -c mx_dangling presend-out/held.csv)" = 1 ]
    write_mx_job "implicit: keep"
    printf '%s\n' email a@implicit.example.jp b@parking.example.jp c@dangling.example.jp d@one.example.jp >in.csv
    presend_ends 0 run job.yaml
    [ "$(wc -l <presend-out/clean.csv)" = 4 ]
    [ "$(grep -c mx_dangling presend-out/removed.csv)" = 1 ]
}

# Make all answers in a state this many days older: in each record of each page (src/store/domain_record.c), under a new sum.
age_state() {
    presend_ends 0 domains --cache list --state "$1" # what runs left lies in pages then
    python3 - "$1" "$2" <<'PYTHON'
import ctypes, sqlite3, struct, sys

class Sum(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]

sum_of = ctypes.CDLL("libxxhash.so.0").XXH3_128bits_withSeed
sum_of.restype, sum_of.argtypes = Sum, [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
aged = 0
with sqlite3.connect(sys.argv[1]) as state:
    for row, page in state.execute("SELECT first, records FROM domain_pages").fetchall():
        page = bytearray(page)
        count = struct.unpack_from("<Q", page, 16)[0]
        at = records = 24 + 10 * count
        for end in struct.unpack_from(f"<{count}H", page, 24 + 8 * count):
            if page[at] & 1:  # an answer; its name stands before it
                times = at + 2 + page[at + 1] + 11
                struct.pack_into("<II", page, times, *(time - int(sys.argv[2]) * 86400 for time in struct.unpack_from("<II", page, times)))
                aged += 1
            at = records + end
        state.execute("UPDATE domain_pages SET records = ?, sum = ? WHERE first = ?", [bytes(page), bytes(sum_of(bytes(page), len(page), 0)), row])
assert aged > 0
PYTHON
}

@test "where DNS fails, a domain that took mail within 30 days still does" {
    needs_knot
    write_mx_job "cache: 1d, no_answer: unknown"
    presend_ends 0 run job.yaml
    age_state presend.sqlite 29
    sed -i "s/resolvers: [^,]*/resolvers: [\"127.0.0.1:$(free_port)\"]/" job.yaml
    presend_ends 0 run job.yaml
    [ "$(jq -c '[.dns.deliverable, .dns.stale, .dns.no_mail, .dns.unknown]' presend-out/report.json)" = "[4,4,0,1]" ]
    [ "$(jq -c '[.reasons[] | select(.reason == "stale") | .found]' presend-out/report.json)" = "[4]" ]
    age_state presend.sqlite 2
    presend_ends 0 run job.yaml
    [ "$(jq -c '[.dns.deliverable, .dns.stale, .dns.unknown]' presend-out/report.json)" = "[0,0,5]" ]
}

@test "an answer that is too old is asked for again, and a removal never outlives its time" {
    needs_knot
    ask --json --state s.sqlite one.example.jp absent.example.jp
    age_state s.sqlite 1
    ask --json --state s.sqlite one.example.jp absent.example.jp
    [ "$(jq -c .cached stdout | paste -sd' ')" = "true false" ]
    age_state s.sqlite 8
    presend_ends 0 domains --offline --json --state s.sqlite one.example.jp absent.example.jp
    [ "$(jq -c '[.verdict, .warnings]' stdout | paste -sd' ')" = '["deliverable",["stale"]] ["unknown",[]]' ]
}

@test "dead domains are news once; a big one that took mail before stops the run" {
    needs_knot
    write_mx_job "cache: 1d" "guards: {min_rows: 1}"
    presend_ends 76 run job.yaml --as-of "$(date -ud yesterday +%F)"
    presend_ends 0 approve presend-out
    presend_ends 0 run job.yaml
    presend_ends 0 domains --cache clear --job job.yaml
    sed -i.bak '/^one.example.jp/d' "$KNOT/zone"
    knotc -b -s "$KNOT/knot.sock" zone-reload .
    presend run job.yaml && status=0 || status=$?
    mv "$KNOT/zone.bak" "$KNOT/zone"
    knotc -b -s "$KNOT/knot.sock" zone-reload .
    cat stderr
    [ "$status" = 76 ]
    says stderr dead_rows
}

@test "a run that is killed loses seconds, and the next one goes on from there" {
    needs_knot
    seq 400 | sed 's/.*/d&.bulk.example.jp/' >names
    "$PRESEND" domains --resolver "$DNS" --dns-rate 40 --state s.sqlite <names >out 2>err 3>&- &
    running=$!
    sleep 5
    kill -9 "$running"
    wait "$running" || true
    [ ! -s out ]
    presend_ends 0 domains --cache list --state s.sqlite
    kept=$(($(wc -l <stdout) - 1))
    echo "$kept were kept"
    [ "$kept" -ge 60 ]
    [ "$kept" -lt 400 ]
    ask --json --state s.sqlite <names
    [ "$(jq -r .verdict stdout | sort | uniq -c | awk '{ print $1, $2 }')" = "400 deliverable" ]
    [ "$(jq -r .cached stdout | grep -c true)" -ge "$kept" ]
}

@test "the report names the hundred biggest domains, most rows first, then by name" {
    awk 'BEGIN { print "email"; for (i = 1; i <= 120; i++) for (j = 0; j < 10 + int(i / 2); j++) print "a" j "@d" (i * 7 % 121) ".jp" }' >in.csv
    printf '%s\n' "version: 1" "recipients: [{file: in.csv}]" "mx: {mode: off}" "suppressions: none" >job.yaml
    presend_ends 0 run job.yaml
    sed 1d in.csv | cut -d@ -f2 | sort | uniq -c | LC_ALL=C sort -k1,1nr -k2,2 | awk 'NR <= 100 { print $2, $1 }' >expected
    jq -r '.domains.biggest[] | .domain + " " + (.rows | tostring)' presend-out/report.json | diff expected -
    [ "$(jq .domains.distinct presend-out/report.json)" = 120 ]
}
