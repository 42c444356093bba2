# presend domains: the MX rules, asked of knotd on loopback; its cache; and what a run does with the same.

load common

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

@test "names that need no question are told without one" {
    presend_ends 0 domains --offline --json -- localhost example.com com 'a b.jp' '-a.jp' '' taro@例え.jp gmail.com
    [ "$(jq -r '.verdict + " " + .reason' stdout | paste -sd,)" = \
        "no_mail special_name,no_mail special_name,no_mail dotless,no_mail inner_whitespace,no_mail domain_hyphen_placement,no_mail empty,unknown not_checked,unknown not_checked" ]
    [ "$(jq -r .domain stdout | tail -2 | paste -sd' ')" = "xn--r8jz45g.jp gmail.com" ]
    [ "$(jq -r .operator stdout | tail -1)" = google_gmail ]
}

@test "one line in, one line out, in any encoding" {
    printf 'one.jp\r\n\n例え.jp\none.jp' | iconv -t CP932 >lines
    presend_ends 0 domains --offline --json <lines
    [ "$(jq -r .domain stdout | paste -sd,)" = "one.jp,,xn--r8jz45g.jp,one.jp" ]
    presend_ends 0 domains --offline </dev/null
    [ "$(wc -l <stdout)" = 1 ]
    head -c 100000 /dev/urandom >lines
    presend_ends 0 domains --offline --json <lines
}

@test "the table shows no control characters" {
    presend_ends 0 domains --offline "$(printf 'a\033[31m.jp')" "$(printf 'a\342\200\256.jp')"
    lacks "$(printf '\033')" stdout
    says stdout '\x1b[31m'
}

# A front of knotd that speaks DNS over HTTP; sets DOH and DOH_PID. Arguments are of doh_faults.py.
start_doh() {
    python3 "$ROOT/tests/dns/doh_faults.py" "${DNS#*:}" "$@" >doh.port 2>doh.log 3>&- &
    DOH_PID=$!
    for _ in $(seq 100); do
        [ -s doh.port ] && break
        sleep 0.05
    done
    DOH=http://127.0.0.1:$(cat doh.port)/dns-query
}

@test "DNS over HTTPS: the same verdicts, in place of what the job names" {
    needs_knot
    start_doh good --log doh.queries
    presend_ends 0 domains --doh "$DOH" --dns-rate 0 --json one.example.jp null.example.jp absent.example.jp
    [ "$(result one.example.jp),$(result null.example.jp),$(result absent.example.jp)" = "deliverable mx,no_mail null_mx,no_mail nxdomain" ]
    write_mx_job "" "output: {directory: out}"
    sed -i 's/^mx: .*/mx: {resolvers: ["127.0.0.1:9"], rate: 0}/' job.yaml
    presend_ends 0 domains --job job.yaml --doh "$DOH" --json one.example.jp
    [ "$(result one.example.jp)" = "deliverable mx" ]
    sed -i 's|^mx: .*|mx: {doh: "http://127.0.0.1:9/", rate: 0}|' job.yaml
    presend_ends 0 domains --job job.yaml --resolver "$DNS" --json one.example.jp
    [ "$(result one.example.jp)" = "deliverable mx" ]
    presend_ends 64 domains --doh "$DOH" --resolver "$DNS" one.example.jp
    says stderr "--doh and --resolver"
    # A run, whose report names the resolver by its host, as it names the others.
    sed -i "s|^mx: .*|mx: {doh: \"${DOH%/dns-query}/account-7\", rate: 0}|" job.yaml
    rm doh.queries
    presend_ends 0 run job.yaml
    [ "$(jq -c .job.mx.resolvers out/report.json)" = "[\"${DOH%/dns-query}\"]" ]
    grep -q '^c@absent.example.jp,nxdomain' out/removed.csv
    [ "$(wc -l <out/clean.csv)" = 5 ]
    [ "$(cut -d' ' -f1 doh.queries | sort -u)" = /account-7 ]
    kill "$DOH_PID"
}

@test "DNS over HTTPS: what does not answer is named" {
    needs_knot
    presend_ends 78 domains --doh http://dns.example/dns-query one.example.jp
    says stderr "\`http://dns.example/dns-query\` is no URL that a resolver can be asked by"
    presend_ends 78 domains --doh dns.example one.example.jp
    presend_ends 78 domains --doh https://dns.example/ --dns-rate 0 one.example.jp
    says stderr "\`rate: 0\` would flood the resolver https://dns.example/"
    start_doh 404
    presend_ends 75 domains --doh "$DOH" one.example.jp
    says stderr "No DNS resolver answers; asked ${DOH%/dns-query}: the answer has HTTP status 404."
    kill "$DOH_PID"
    start_doh html
    write_mx_job "" "output: {directory: out}"
    sed -i "s|^mx: .*|mx: {doh: \"$DOH\"}|" job.yaml
    presend_ends 75 run job.yaml
    says stderr "no DNS message but text/html"
    [ ! -e out ]
    presend_ends 0 run job.yaml --set mx.no_answer=unknown
    [ "$(wc -l <out/clean.csv)" = 6 ]
    kill "$DOH_PID"
}

@test "what cannot be asked is refused, with the place" {
    presend_ends 78 domains --resolver dns.example.com gmail.com
    says stderr "found \`dns.example.com\`"
    presend_ends 78 domains --resolver 192.0.2.1 --dns-rate 0 gmail.com
    says stderr "\`rate: 0\` would flood the resolver 192.0.2.1"
    presend_ends 78 domains --dns-rate 0 gmail.com
    says stderr "resolvers: [127.0.0.1]"
    presend_ends 64 domains --dns-rate fast gmail.com
    presend_ends 64 domains --cache list
    says stderr "--state FILE"
    presend_ends 64 domains --cache shrink --state s.sqlite
    presend_ends 64 domains --cache list --state s.sqlite gmail.com
    presend_ends 66 domains --cache list --state s.sqlite
    presend_ends 66 domains --job nowhere.yaml gmail.com
    presend_ends 64 domains --encoding latin-9 gmail.com
    presend_ends 78 domains --offline --state /dev/null gmail.com
}

@test "no resolver answers: exit 75, and nothing is told" {
    presend_ends 75 domains --resolver "127.0.0.1:$(free_port)" one.jp
    is_silent stdout
    says stderr "No DNS resolver answers"
    [ -z "$(grep "hands on" stderr)" ]
    presend_ends 75 domains --resolver "127.0.0.1:$(free_port)" --json one.jp
    [ "$(jq -r .error.code stdout)" = retry ]
}

@test "a forwarder is asked, and the resolver behind it recommended" {
    presend_ends 75 domains --resolver "127.0.0.53:$(free_port)" one.jp
    says stderr "The resolver 127.0.0.53:"
    says stderr "mx: {resolvers: [ADDRESS]}"
}

@test "verdicts, operators and mail servers, by a real server" {
    needs_knot
    ask --json one.example.jp two.example.jp null.example.jp absent.example.jp nodata.example.jp partial.example.jp \
        parking.example.jp implicit.example.jp foo.zzzz hosted.example.jp docomo.ne.jp ONE.Example.jp.
    [ "$(result one.example.jp | uniq)" = "deliverable mx" ]
    [ "$(result null.example.jp)" = "no_mail null_mx" ]
    [ "$(result absent.example.jp)" = "no_mail nxdomain" ]
    [ "$(result nodata.example.jp)" = "no_mail nodata" ]
    [ "$(result implicit.example.jp)" = "deliverable implicit_mx" ]
    [ "$(result foo.zzzz)" = "no_mail tld_unknown" ]
    [ "$(jq -c 'select(.domain == "two.example.jp") | .mx' stdout)" = '["mail.example.net","second.example.net"]' ]
    [ "$(jq -r 'select(.domain == "hosted.example.jp") | .operator' stdout)" = google_workspace ]
    [ "$(jq -r 'select(.domain == "docomo.ne.jp") | .operator' stdout)" = docomo ]
    [ "$(jq -r 'select(.domain == "parking.example.jp") | .operator' stdout)" = above_parking ]
    [ "$(jq -r .domain stdout | sed -n '$p')" = one.example.jp ]
    [ "$(jq -r .cached stdout | sort -u)" = false ]
    ask one.example.jp hosted.example.jp null.example.jp
    says stdout "operated by google_workspace"
    says stdout "the domain says that it takes no mail"
}

@test "every line fits its schema" {
    needs_knot
    ask --json --state s.sqlite one.example.jp absent.example.jp partial.example.jp localhost "$(printf '\377')" >all
    cat stdout >all
    presend_ends 0 domains --cache list --json --state s.sqlite
    cat stdout >>all
    presend_ends 0 domains --cache clear --json --state s.sqlite
    cat stdout >>all
    presend_ends 75 domains --json --resolver "127.0.0.1:$(free_port)" one.jp
    cat stdout >>all
    python3 - "$ROOT/schemas/domains.schema.json" <<'PYTHON'
import json, sys
import jsonschema
validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
lines = [json.loads(line) for line in open("all")]
assert len(lines) == 10, len(lines)
for line in lines:
    validator.validate(line)
PYTHON
}

@test "the second time nobody is asked about a domain that is known" {
    needs_knot
    ask --json --state s.sqlite one.example.jp two.example.jp absent.example.jp hosted.example.jp
    cp stdout first
    before=$(queries)
    ask --json --state s.sqlite one.example.jp two.example.jp absent.example.jp hosted.example.jp
    [ "$(queries)" = "$before" ]
    [ "$(jq -r .cached stdout | sort -u)" = true ]
    diff <(jq -c 'del(.cached)' first) <(jq -c 'del(.cached)' stdout)
    ask --json --state s.sqlite --no-cache one.example.jp
    [ "$(jq -r .cached stdout)" = false ]
    presend_ends 0 domains --offline --json --state s.sqlite one.example.jp absent.example.jp
    [ "$(jq -r .verdict stdout | paste -sd' ')" = "deliverable no_mail" ]
}

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

@test "what a resolver said that lied is not believed later, whoever vouches" {
    start_faults --walled --after 6 # the last canaries are lied to
    presend_ends 0 domains --json --state s.sqlite --resolver "$FAULTS" --dns-rate 0 one.absent.jp
    kill "$FAULTS_PID"
    [ "$(jq -r .reason stdout)" = nxdomain_unconfirmed ]
    start_faults
    presend_ends 0 domains --json --state s.sqlite --resolver "$FAULTS" --dns-rate 0 other.absent.jp
    kill "$FAULTS_PID"
    [ "$(jq -r .reason stdout)" = nxdomain ]
    presend_ends 0 domains --offline --json --state s.sqlite one.absent.jp other.absent.jp
    [ "$(jq -r .reason stdout | paste -sd' ')" = "not_checked nxdomain" ]
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

@test "the cache is listed, exported and forgotten" {
    needs_knot
    ask --state s.sqlite two.example.jp absent.example.jp hosted.example.jp
    presend_ends 0 domains --cache list --state s.sqlite
    [ "$(awk 'NR > 1 { print $1, $2, $3, $5 }' stdout | paste -sd,)" = \
        "fresh no_mail nxdomain absent.example.jp,fresh deliverable mx_operator hosted.example.jp,fresh deliverable mx two.example.jp" ]
    presend_ends 0 domains --cache export --state s.sqlite
    cp stdout mx.csv
    [ "$(cut -d, -f1-5 mx.csv | tail -2)" = "$(printf '%s\n' \
        'hosted.example.jp,deliverable,mx_operator,google_workspace,aspmx.l.google.com' \
        'two.example.jp,deliverable,mx,,mail.example.net second.example.net')" ]
    write_mx_job "mode: snapshot, snapshot: mx.csv"
    presend_ends 0 run job.yaml
    [ "$(jq -r .dns.deliverable presend-out/report.json)" = 2 ]
    presend_ends 0 domains --cache clear --state s.sqlite
    says stdout "3 domains were forgotten"
    presend_ends 0 domains --cache list --state s.sqlite
    [ "$(wc -l <stdout)" = 1 ]
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
