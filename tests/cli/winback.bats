# Win-back over several days: who is listed, who waits, who is let go, and what the state remembers of it.

load common

# A run as of a day of November or December 2026; further words are options.
run_on() {
    local day=$1
    shift
    presend_ends 0 run job.yaml -o out --as-of "2026-$day" "$@"
}

# lapsed@example.jp stands in this list, for this reason (none for clean.csv and winback.csv).
lapsed_is_in() {
    grep -q "^2,lapsed@example.jp,.*${2-}" "out/$1.csv" || { head out/*.csv; return 1; }
}

# lapsed@example.jp bought something on that day.
buys_on() {
    sed -i "s/^2,lapsed@example.jp,[^,]*/2,lapsed@example.jp,2026-$1/" in.csv
}

@test "a nightly job lists nobody twice" {
    run_on 11-21
    lapsed_is_in winback
    for day in 11-22 11-23 12-21 12-31; do
        run_on $day
        lapsed_is_in held winback_pending
        [ "$(wc -l <out/winback.csv)" = 1 ]
    done
}

@test "who was listed and never mailed is listed again after relist" {
    run_on 11-21 --set engagement.relist=10d
    run_on 11-30 --set engagement.relist=10d
    lapsed_is_in held 'winback_pending.*listed for win-back on 2026-11-21 (again from 2026-12-01 on)'
    run_on 12-01 --set engagement.relist=10d
    lapsed_is_in winback
    run_on 12-02 --set engagement.relist=10d
    lapsed_is_in held winback_pending
}

@test "the same day again comes out the same" {
    run_on 11-20
    run_on 11-21
    cp -r out first
    run_on 11-21
    same_set first out
    jq -e '.history == [{as_of: "2026-11-20", rows: 4, clean: 1, winback: 1, held: 1, removed: 1}]' out/report.json
}

@test "another job on the same state does not list the same person on the same day" {
    run_on 11-21
    cp job.yaml other.yaml
    presend_ends 0 run other.yaml -o out
    lapsed_is_in held winback_pending
    echo "campaign: spring" >>job.yaml
    run_on 11-21
    lapsed_is_in held winback_pending
}

@test "sent: pending to the last day of the window, then expired and removed" {
    run_on 11-21
    presend_ends 0 winback sent out --at 2026-11-21
    is_silent stderr
    run_on 11-22
    lapsed_is_in held winback_pending
    lapsed_is_in held '(a reply counts until 2026-12-21)'
    run_on 12-21
    lapsed_is_in held winback_pending
    run_on 12-22
    lapsed_is_in removed winback_expired
    lapsed_is_in removed 'win-back mail of 2026-11-21 (a reply counted until 2026-12-21)'
    run_on 12-31
    lapsed_is_in removed winback_expired
}

@test "a buyer who returns is active again: listed, sent, or expired" {
    run_on 11-21
    buys_on 11-25
    run_on 11-26
    lapsed_is_in clean
    buys_on 04-01
    run_on 11-27
    lapsed_is_in held winback_pending

    presend_ends 0 run job.yaml -o mailed --as-of 2026-11-28 --set state=second.sqlite
    presend_ends 0 winback sent mailed --at 2026-11-28
    run_on 12-29 --set state=second.sqlite
    lapsed_is_in removed winback_expired
    buys_on 12-29
    run_on 12-30 --set state=second.sqlite
    lapsed_is_in clean
    jq -e '.reasons[] | select(.reason == "winback_won") | .found == 1' out/report.json
}

@test "who leaves is gone, whether listed, mailed or expired" {
    run_on 11-21
    cp left.txt stayed.txt
    echo lapsed@example.jp >>left.txt
    run_on 11-22
    lapsed_is_in removed suppressed_manual
    mv stayed.txt left.txt
    run_on 11-23 --accept left:shrink
    lapsed_is_in held winback_pending
    cp -r out mailed
    presend_ends 0 run job.yaml -o mailed --as-of 2026-11-24 --set state=second.sqlite
    presend_ends 0 winback sent mailed --at 2026-11-24
    for day in 11-25 12-31; do
        echo lapsed@example.jp >>left.txt
        run_on $day --set state=second.sqlite
        lapsed_is_in removed suppressed_manual
    done
}

@test "a person in another spelling is the same person" {
    run_on 11-21
    sed -i 's/lapsed@example.jp/ lapsed@EXAMPLE.jp/' in.csv
    run_on 11-22
    grep -q "lapsed@EXAMPLE.jp.*winback_pending" out/held.csv
}

@test "what the state knows shows no address" {
    run_on 11-21
    lacks 'lapsed|example\.jp' presend.sqlite
    [ "$(stat -c %a presend.sqlite)" = 600 ]
}

@test "sent says how many, as JSON" {
    run_on 11-21
    presend_ends 0 winback sent out --json
    is_silent stderr
    jq -e '.command == "winback" and .addresses == 1 and .directory == "out"' stdout
    jq -e --slurpfile set out/manifest.json '.run_id == $set[0].run_id' stdout
}

@test "sent for a set that a later run replaced: it lists nobody" {
    run_on 11-21
    run_on 11-22
    presend_ends 0 winback sent out --at 2026-11-22
    says stderr "the run of 'out' listed nobody for win-back"
}

@test "sent again with another day: that day holds" {
    run_on 11-21
    presend_ends 0 winback sent out --at 2026-11-21
    run_on 12-25
    lapsed_is_in removed winback_expired
    cp -r out later
    presend_ends 0 run job.yaml -o out --as-of 2026-11-21 --accept as_of
    lapsed_is_in held winback_pending
}

@test "a set that was moved is still known by its job or its state" {
    run_on 11-21
    mv out mailed
    presend_ends 0 winback sent mailed --job job.yaml
    mv presend.sqlite elsewhere.sqlite
    presend_ends 66 winback sent mailed
    says stderr "presend.sqlite"
    presend_ends 0 winback sent mailed --state elsewhere.sqlite
    presend_ends 64 winback sent mailed --state elsewhere.sqlite --job job.yaml
    presend_ends 66 winback sent mailed --state nowhere.sqlite
    run_on 11-22 --set state=other.sqlite
    presend_ends 66 winback sent mailed --state other.sqlite
    says stderr "does not know the run"
}

@test "sent refuses what is no published set, or not what its manifest says" {
    presend_ends 66 winback sent out
    presend_ends 64 winback send out
    presend_ends 64 winback sent
    run_on 11-21
    presend_ends 64 winback sent out --at 2026-11-20
    says stderr "2026-11-21"
    presend_ends 64 winback sent out --at 2030-01-01
    presend_ends 64 winback sent out --at tomorrow
    echo "9,more@example.jp,,,2026-12-21" >>out/winback.csv
    presend_ends 65 winback sent out
    says stderr winback.csv
    rm out/winback.csv
    presend_ends 65 winback sent out
    run_on 11-22
    lapsed_is_in held winback_pending # listed; the mail was not noted
}

@test "sent knows a set from what only looks like one" {
    run_on 11-21
    mkdir empty foreign
    for manifest in '' '{' '[]' '{"run_id": 7}' '{"run_id": "x", "state": "presend.sqlite", "files": []}'; do
        printf '%s' "$manifest" >foreign/manifest.json
        presend_ends 66 winback sent foreign
    done
    presend_ends 66 winback sent empty
    presend_ends 66 winback sent in.csv
    cp -r out half
    head -c 200 out/manifest.json >half/manifest.json
    presend_ends 66 winback sent half
    cp -r out lost
    rm lost/report.html
    presend_ends 65 winback sent lost
    says stderr report.html
    jq '.state = "in.csv"' out/manifest.json >half/manifest.json
    presend_ends 78 winback sent half # the list is no state
    [ "$(head -1 in.csv)" = id,email,last_click,signup_at ]
    jq '.state = "nowhere/presend.sqlite"' out/manifest.json >half/manifest.json
    presend_ends 66 winback sent half
    [ ! -e nowhere ]
    run_on 12-25
    lapsed_is_in held winback_pending # nothing was noted
}

@test "sent twice is sent once" {
    run_on 11-21
    presend_ends 0 winback sent out --at 2026-11-21
    presend_ends 0 winback sent out --at 2026-11-21
    run_on 12-21
    lapsed_is_in held winback_pending
    run_on 12-22
    lapsed_is_in removed winback_expired
}

@test "clean remembers nothing without --state" {
    presend_ends 0 clean in.csv --suppress left.txt --engagement b2c_weekly --offline --as-of 2026-11-21 -o out
    lapsed_is_in winback
    [ ! -e presend.sqlite ]
    presend_ends 64 winback sent out
    says stderr "not remembered"
    for day in 21 22; do
        presend_ends 0 clean in.csv --suppress left.txt --engagement b2c_weekly --offline --as-of 2026-11-$day -o out \
            --state clean.sqlite
    done
    lapsed_is_in held winback_pending
}

@test "a set that waits lists nobody until it is approved" {
    write_guarded_job
    presend_ends 76 run job.yaml -o out
    presend_ends 66 winback sent out
    sed -i '/guards:/d' job.yaml
    cp job.yaml plain.yaml
    presend_ends 0 run plain.yaml -o other --as-of 2026-11-22
    grep -q lapsed other/winback.csv

    rm -r presend.sqlite out.pending
    write_guarded_job
    presend_ends 76 run job.yaml -o out
    presend_ends 0 approve out
    sed -i '/guards:/d' job.yaml
    run_on 11-22
    lapsed_is_in held winback_pending
}

@test "approve keeps its hands off while another run has the state" {
    write_guarded_job
    presend_ends 76 run job.yaml -o out
    exec 8>>.presend.sqlite.lock
    flock -n 8
    presend_ends 75 approve out
    says stderr presend.sqlite
    [ ! -e out ]
    presend_ends 75 run job.yaml -o elsewhere
    exec 8>&-
    presend_ends 0 approve out
}

# Between publishing and the last word to the state lies one moment; a run that is killed in it is put right by the
# next one, from the manifest in the output directory. A first run tells which fsync comes after the two folders have
# changed places; a second one is killed as it begins that call.
traced() {
    ASAN_OPTIONS=detect_leaks=0 strace -f -o trace "${@:2}" "$PRESEND" run job.yaml -o out --as-of "2026-$1" \
        >stdout 2>stderr || true
}

killed_after_publishing() {
    command -v strace >/dev/null || skip "no strace"
    cp presend.sqlite before.sqlite
    traced "$1" -e trace=fsync,renameat2
    local ordinal
    ordinal=$(awk '/fsync\(/ {n++} /renameat2\(.*"out".*EXCHANGE/ {print n + 1}' trace)
    mv before.sqlite presend.sqlite
    traced "$1" -e trace=fsync,renameat2 -e "inject=fsync:signal=KILL:when=$ordinal"
    grep -q "killed by SIGKILL" trace
}

@test "killed between publishing and settling: nobody is listed twice" {
    run_on 11-20 --set engagement.winback=300d # a set stands; nobody is listed
    killed_after_publishing 11-21
    is_whole out
    lapsed_is_in winback
    run_on 11-22
    lapsed_is_in held winback_pending
}

@test "killed there: sent is noted all the same" {
    run_on 11-20 --set engagement.winback=300d
    killed_after_publishing 11-21
    presend_ends 0 winback sent out --at 2026-11-21
    run_on 12-25
    lapsed_is_in removed winback_expired
}

@test "killed there, and the set moved away: listed once more, but not lost" {
    run_on 11-20 --set engagement.winback=300d
    killed_after_publishing 11-21
    lapsed_is_in winback
    mv out taken
    run_on 11-22
    lapsed_is_in winback
}

@test "the state: another owner, another program, damage, read-only, locked" {
    write_job "owner: shop-jp"
    run_on 11-21
    sed -i 's/owner: shop-jp/owner: shop-de/' job.yaml
    presend_ends 78 run job.yaml -o out --as-of 2026-11-22
    says stderr shop-jp
    sed -i '/owner:/d' job.yaml
    presend_ends 78 run job.yaml -o out
    presend_ends 78 run job.yaml -o out --set state=in.csv
    says stderr in.csv
    [ "$(head -1 in.csv)" = id,email,last_click,signup_at ]
    truncate -s -16384 presend.sqlite # a page
    presend_ends 65 run job.yaml -o out
    presend_ends 73 run job.yaml -o out --set state=nowhere/s.sqlite
    jq -e '.as_of == "2026-11-21"' out/manifest.json
}

@test "a state that cannot grow: nothing is published" {
    run_on 11-21
    cp -r out old
    (
        ulimit -f 24 # KiB: enough for the set of four rows, too little for the state
        presend_ends 74 run job.yaml -o out --as-of 2026-11-22
    )
    diff -r old out
    run_on 11-22
}

@test "a day of judgement before the last run's is asked about" {
    run_on 11-21
    presend_ends 76 run job.yaml -o out --as-of 2026-11-19
    says stderr "as_of"
    says stderr "2026-11-21"
    run_on 11-19 --accept as_of
}

@test "a reason that removes far more than it did is asked about" {
    {
        echo "id,email,last_click,signup_at"
        seq 20000 | sed 's/.*/&,p&@example.jp,2026-11-01,2024-01-01/'
    } >in.csv
    for day in 18 19 20; do
        seq -f "p%g@example.jp" 100 >left.txt
        run_on 11-$day
    done
    seq -f "p%g@example.jp" 1600 >left.txt # 8 % after 0.5 %
    presend_ends 76 run job.yaml -o out --as-of 2026-11-21
    says stderr "removed_jump"
    says stderr "suppressed_manual"
    jq -e '.guards[] | select(.guard == "removed_jump") | .fired and .rows == 1600' out.pending/report.json
    run_on 11-21 --accept removed_jump
    seq -f "p%g@example.jp" 1050 >left.txt # 950 rows more than the median: not yet a thousand
    run_on 11-22 --accept left:shrink
}
