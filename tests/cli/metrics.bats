# `metrics.file`: how each run went, for the textfile collector.

load common

# NAME{LABELS} of the file, as Prometheus' own reader takes it. (Debian's Python has that reader.)
metric() {
    /usr/bin/python3 - "$@" <<'PYTHON'
import sys

from prometheus_client.parser import text_string_to_metric_families

name, labels = sys.argv[2], dict(pair.split("=", 1) for pair in sys.argv[3:])
with open(sys.argv[1], encoding="utf-8") as file:
    families = list(text_string_to_metric_families(file.read()))
if any(family.type != "gauge" or not family.documentation for family in families):
    sys.exit("a family is no gauge, or says not what it is")
if any(sample.timestamp is not None for family in families for sample in family.samples):
    sys.exit("a sample has a time stamp, which the collector refuses")
found = [int(sample.value) for family in families for sample in family.samples
         if sample.name == f"presend_{name}" and labels.items() <= sample.labels.items()]
print(*found)
PYTHON
}

is() {
    local want=$1 got
    shift
    got=$(metric prom/presend.prom "$@")
    [ "$got" = "$want" ] || { echo "$*: '$got' instead of '$want'"; cat prom/presend.prom; return 1; }
}

write_metrics_job() {
    mkdir -p prom
    write_job "metrics: {file: prom/presend.prom}" "$@"
}

@test "a published run says its rows, reasons and sources" {
    write_metrics_job
    presend_ends 0 run job.yaml -o out
    is 0 last_run_exit_code config=job.yaml
    is "$(jq .counts.rows out/report.json)" rows stage=input
    for list in clean winback held removed; do
        is "$(jq ".counts.$list" out/report.json)" rows stage=$list
    done
    is 1 rows_removed reason=suppressed_manual
    is 1 suppression_entries source=left
    is 1 suppression_rows source=left
    is "$(stat -c %Y left.txt)" suppression_whole_timestamp_seconds source=left
    is 1 build_info "version=$(jq -r .run.version out/report.json)"
    [ "$(metric prom/presend.prom last_success_timestamp_seconds)" -ge "$(($(date +%s) - 60))" ]
    [ "$(stat -c %a prom/presend.prom)" = 644 ] # whom the collector runs as is not presend's to know
    [ "$(ls -A prom)" = presend.prom ]
}

@test "a run that fails keeps the last success, and says no rows" {
    write_metrics_job
    presend_ends 0 run job.yaml -o out
    sed -i -E 's/(last_success_[^ ]*) [0-9]+/\1 1700000000/' prom/presend.prom
    rm in.csv
    presend_ends 66 run job.yaml -o out
    is 66 last_run_exit_code
    is 1700000000 last_success_timestamp_seconds
    is "" rows
    rm prom/presend.prom
    presend_ends 66 run job.yaml -o out
    is "" last_success_timestamp_seconds
}

@test "a guard that keeps the set back has fired, until it is accepted" {
    write_guarded_job
    echo "metrics: {file: prom/presend.prom}" >>job.yaml
    mkdir prom
    presend_ends 76 run job.yaml -o out
    is 76 last_run_exit_code
    is 1 guard_fired guard=removed_share
    is 4 rows stage=input
    presend_ends 0 run job.yaml -o out --accept removed_share
    is 0 guard_fired guard=removed_share
}

@test "a set that is approved is a success, wherever approve is called" {
    write_guarded_job
    echo "metrics: {file: prom/presend.prom}" >>job.yaml
    mkdir prom away
    presend_ends 76 run job.yaml -o out
    is "" last_success_timestamp_seconds
    cp prom/presend.prom before
    cd away
    presend_ends 0 approve ../out
    is_silent stderr
    cd ..
    is 0 last_run_exit_code config=job.yaml
    [ "$(metric prom/presend.prom last_success_timestamp_seconds config=job.yaml)" -ge "$(($(date +%s) - 60))" ]
    diff <(grep -v "last_success\|exit_code" before) <(grep -v "last_success\|exit_code" prom/presend.prom)

    presend_ends 76 run job.yaml -o out
    sed -i -E 's/(last_success_[^ ]*) [0-9]+/\1 1700000000/; s/(exit_code\{.*) 76/\1 75/' prom/presend.prom # another run failed
    presend_ends 0 approve out
    is 75 last_run_exit_code
    [ "$(metric prom/presend.prom last_success_timestamp_seconds)" -gt 1700000000 ]

    presend_ends 76 run job.yaml -o out
    echo "somebody's own" >prom/presend.prom
    chmod 600 prom/presend.prom
    presend_ends 0 approve out
    says stderr "is another file now"
    [ "$(cat prom/presend.prom)" = "somebody's own" ]
    [ "$(stat -c %a prom/presend.prom)" = 600 ]

    presend_ends 76 run job.yaml -o out
    rm -r prom
    presend_ends 0 approve out
    says stderr "the set is published, but not told to the metrics"
    [ -f out/clean.csv ]
}

@test "any name of a job file is a label" {
    write_metrics_job
    mv job.yaml $'a "quoted" \\ 名.yaml'
    presend_ends 0 run $'a "quoted" \\ 名.yaml' -o out
    is 0 last_run_exit_code $'config=a "quoted" \\ 名.yaml'
    presend_ends 0 clean in.csv --suppress left.txt -o other --set metrics.file=prom/presend.prom --set mx.mode=off
    is 0 last_run_exit_code config=clean
}

@test "what cannot be written is a warning, but in the output directory it is refused" {
    write_metrics_job
    rmdir prom
    presend_ends 0 run job.yaml -o out
    says stderr "the metrics were not written: Cannot write the metrics file"
    presend_ends 64 run job.yaml -o out --set metrics.file=out/presend.prom
    says stderr "would lie in the output directory"
    [ ! -e out/presend.prom ]
    presend_ends 0 run job.yaml -o fresh --set metrics.file=fresh/presend.prom
    says stderr "would lie in the output directory"
    [ ! -e fresh/presend.prom ]
}

@test "nothing of people stands in it" {
    write_metrics_job
    presend_ends 0 run job.yaml -o out
    lacks "@|example" prom/presend.prom
}
