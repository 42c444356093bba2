# One case for each exit code. Anything but 0 must leave what stands there untouched.

load common

# A set of an earlier run, as it must stay.
with_old_set() {
    presend_ends 0 run job.yaml -o out
    cp -r out old
}

is_untouched() {
    diff -r old out
    [ ! -e out.pending ]
    is_whole out
}

@test "0: done and published, whatever became of the rows" {
    presend_ends 0 run job.yaml -o out
    is_whole out
    jq -e '.counts == {rows_in: 4, clean: 1, winback: 1, held: 1, removed: 1}' out/manifest.json
    [ "$(jq -c '[.counts.rows,.counts.clean,.counts.winback,.counts.held,.counts.removed]' out/report.json)" = "[4,1,1,1,1]" ]
}

@test "64: an output directory that holds other files" {
    mkdir out
    echo "my notes" >out/notes.txt
    presend_ends 64 run job.yaml -o out
    says stderr notes.txt
    [ "$(ls out)" = notes.txt ]
}

@test "64: an output directory that holds an input" {
    mkdir out
    mv in.csv out/in.csv
    sed -i 's/file: in.csv/file: out\/in.csv/' job.yaml
    presend_ends 64 run job.yaml -o out
    [ "$(ls out)" = in.csv ]
}

@test "64: an output directory that is a file or a link" {
    touch out
    presend_ends 64 run job.yaml -o out
    rm out
    mkdir elsewhere
    ln -s elsewhere out
    presend_ends 64 run job.yaml -o out
    [ -z "$(ls elsewhere)" ]
}

@test "65: a recipient file that cannot be trusted" {
    with_old_set
    for bad in 'id,name\n1,Ann\n' 'email,メールアドレス\na@example.jp,b@example.jp\n' 'id,email\n1,"never closed\n' '' \
        '<!doctype html><p>please log in' '{"a": 1}' 'PK\003\004' '%%PDF-1.7\n' '\037\213\010cut'; do
        printf "$bad" >in.csv
        presend_ends 65 run job.yaml -o out
        says stderr in.csv
        is_untouched
    done
}

@test "65: without a column for the address, the line that names it is given" {
    printf 'id,contact\n1,one@example.jp\n2,two@example.jp\n' >in.csv
    presend_ends 65 run job.yaml
    says stderr "columns: {email:"
    printf 'id,email,mail\n1,a@example.jp,b@example.jp\n' >in.csv
    presend_ends 65 run job.yaml
    says stderr "columns: {email:"
}

@test "65: an MX snapshot that contradicts itself" {
    printf 'domain,verdict\nexample.jp,deliverable\nexample.jp,no_mail\n' >mx.csv
    presend_ends 65 run job.yaml --set "mx={mode: snapshot, snapshot: mx.csv}"
    says stderr mx.csv
}

@test "66: a missing job file, recipient file or snapshot" {
    with_old_set
    presend_ends 66 run nowhere.yaml -o out
    says stderr nowhere.yaml
    presend_ends 66 run job.yaml -o out --set recipients.0.file=nowhere.csv
    says stderr nowhere.csv
    presend_ends 66 run job.yaml -o out --set "mx={mode: snapshot, snapshot: nowhere.csv}"
    presend_ends 66 clean nowhere.csv --suppress none -o out
    is_untouched
}

@test "69: a suppression list that is missing, empty, cut or something else" {
    with_old_set
    rm left.txt
    presend_ends 69 run job.yaml -o out
    says stderr left
    is_untouched
    for bad in '' '\n\n' '# only a comment\n' '<html><body>Sign in' '{"items": [{"address"' 'a@example.jp\nb@example.jp\nc@exa' \
        'one\ntwo\nthree\n' '*@example.jp\n' '5d41402abc4b2a76b9719d911017c592\n' '\037\213\010\000\000'; do
        printf "$bad" >left.txt
        presend_ends 69 run job.yaml -o out
        says stderr "'left'"
        is_untouched
    done
}

@test "69: a list that is a device, a pipe or a folder" {
    with_old_set
    for special in /dev/null /dev/zero .; do
        presend_ends 69 run job.yaml -o out --set suppressions.0.file="$special"
    done
    mkfifo fifo
    presend_ends 69 run job.yaml -o out --set suppressions.0.file=fifo
    is_untouched
}

@test "69: a page of Amazon SES that says there are more" {
    cat >left.txt <<'JSON'
{"SuppressedDestinationSummaries": [{"EmailAddress": "a@example.jp", "Reason": "BOUNCE", "LastUpdateTime": 1760000000.1}], "NextToken": "x"}
JSON
    presend_ends 69 run job.yaml --set suppressions.0.format=ses
    [ ! -e presend-out ]
}

@test "73: an output that cannot be created" {
    presend_ends 73 run job.yaml -o nowhere/out
    says stderr nowhere
}

@test "75: libcurl cannot be loaded, which only those miss who ask by HTTP" {
    mkdir broken
    : >broken/libcurl.so.4
    LD_LIBRARY_PATH=$PWD/broken presend_ends 75 domains --doh https://127.0.0.1:9/dns-query example.jp
    says stderr "libcurl.so.4 cannot be used"
    says stderr "Install libcurl"
    LD_LIBRARY_PATH=$PWD/broken presend_ends 0 run job.yaml -o out
    is_whole out
}

@test "75: a second run to the same place, while the first goes on" {
    start_waiting out
    presend_ends 75 run job.yaml -o out || { stop_waiting; return 1; }
    says stderr "$WAITING"
    presend_ends 0 run job.yaml -o elsewhere
    echo "1,good@example.jp" >&9
    exec 9>&-
    wait "$WAITING"
    is_whole out
    presend_ends 0 run job.yaml -o fresh # a lock that nobody holds any more is free
}

@test "76: a guard keeps the set back, and approve publishes just that set" {
    with_old_set
    write_guarded_job
    presend_ends 76 run job.yaml -o out
    says stderr removed_share
    says stderr "presend approve out"
    diff -r old out
    [ -d out.pending ]
    [ ! -e out.pending/manifest.json ]
    [ -f out.pending/report.html ]
    cp -r out.pending waiting
    presend_ends 0 approve out
    [ ! -e out.pending ]
    is_whole out
    for name in clean winback held removed; do cmp "waiting/$name.csv" "out/$name.csv"; done
    cmp waiting/report.json out/report.json
    cmp waiting/report.html out/report.html
}

@test "76: --accept lets one run pass, and says so in the report" {
    write_guarded_job
    presend_ends 0 run job.yaml -o out --accept removed_share
    is_whole out
    [ "$(jq -r '.guards[] | select(.fired) | .guard' out/report.json)" = removed_share ]
    [ "$(jq -r '.guards[] | select(.fired) | .accepted' out/report.json)" = true ]
    presend_ends 76 run job.yaml -o out
}

@test "69: of several bad suppression lists the first of the job is told, however many are read at once" {
    printf '*@everybody*\n' >first.txt
    printf '*@somebody*\n' >second.txt
    seq -f 'person%g@example.com' 20000 >large.txt
    cat >job.yaml <<-END
		version: 1
		recipients: [{file: in.csv}]
		mx: {mode: off}
		suppressions:
		  - {name: large, type: file, file: large.txt}
		  - {name: first, type: file, file: first.txt}
		  - {name: second, type: file, file: second.txt}
	END
    for threads in 1 2 3 8; do
        presend_ends 69 run job.yaml -o out --threads $threads
        says stderr "'first'"
    done
}

@test "64: a suppression list that would be deleted with the old set" {
    printf 'email\nkeep@example.jp\nstop@example.jp\n' >in.csv
    echo stop@example.jp >list.txt
    presend_ends 0 clean in.csv --suppress list.txt --offline -o out --set address.allow_special_use=all
    cp out/removed.csv before.csv
    presend_ends 64 clean in.csv --suppress out/removed.csv --offline -o out --set address.allow_special_use=all
    says stderr "lies in the output directory"
    cmp before.csv out/removed.csv
}

@test "approve publishes nothing when an input has changed, when a file of the set has, or when there is none" {
    presend_ends 66 approve out
    write_guarded_job
    presend_ends 76 run job.yaml -o out
    echo "5,late@example.jp,2026-11-01,2024-01-01" >>in.csv
    got=0
    presend approve out || got=$?
    [ "$got" != 0 ]
    [ ! -e out ]
    says stderr in.csv

    presend_ends 76 run job.yaml -o out
    echo "9,forged@example.jp,," >>out.pending/clean.csv
    got=0
    presend approve out || got=$?
    [ "$got" != 0 ]
    [ ! -e out ]
    says stderr clean.csv
}

@test "78: all errors of a job file at once, each with its place, its line and a caret" {
    cat >job.yaml <<'YAML'
version: 1
recipients: [{file: in.csv}]
supressions: none
mx: {mode: sometimes}
engagement: {active: soon}
YAML
    presend_ends 78 run job.yaml
    says stderr "job.yaml:3:1"
    says stderr "job.yaml:4:12"
    says stderr "job.yaml:5:22"
    says stderr "supressions: none"
    grep -Eq '^ *\^' stderr
    says stderr suppressions
    [ ! -e presend-out ]
}

@test "78: what presend cannot do yet is refused by name, never passed over" {
    write_job "report: {language: ja}"
    presend_ends 78 run job.yaml
    says stderr "job.yaml:7:20: error: \`ja\` cannot be used in this version"
    presend_ends 78 run job.yaml --set report.language=ja
    says stderr '`ja` cannot be used in this version'
}

@test "78: no suppression list at all must be written out" {
    grep -v suppressions job.yaml >other.yaml
    presend_ends 78 run other.yaml
    says stderr "suppressions: none"
    echo "suppressions: none" >>other.yaml
    presend_ends 0 run other.yaml -o out
    jq -e '.warnings[] | select(.headline and .code == "no_suppression")' out/report.json
}
