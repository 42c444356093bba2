# `scope`: which unsubscribes of a file are this campaign's.

load common

# A job with everybody from a to i, and the files that name them.
setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    printf '%s@example.jp\n' email a b c d e f g h i | sed 1s/@.*// >in.csv
    cat >unsubscribes.csv <<'CSV'
address,tags,created_at
a@example.jp,spring,2026-10-01 09:00:00
b@example.jp,"promo, spring",2026-10-01 09:00:00
c@example.jp,promo,2026-10-01 09:00:00
d@example.jp,,2026-10-01 09:00:00
e@example.jp,*,2026-10-01 09:00:00
CSV
    cat >events.jsonl <<'JSON'
{"email":"f@example.jp","timestamp":1790000000,"event":"group_unsubscribe","asm_group_id":101,"sg_event_id":"1"}
{"email":"g@example.jp","timestamp":1790000000,"event":"group_unsubscribe","asm_group_id":102,"sg_event_id":"2"}
{"email":"h@example.jp","timestamp":1790000000,"event":"unsubscribe","sg_event_id":"3"}
{"email":"i@example.jp","timestamp":1790000000,"event":"spamreport","asm_group_id":102,"sg_event_id":"4"}
JSON
}

# The job, with these further settings of its two sources.
write_scoped_job() {
    cat >job.yaml <<YAML
version: 1
as_of: 2026-11-21
recipients: [{file: in.csv}]
mx: {mode: off}
suppressions:
  - {name: mailgun, type: file, file: unsubscribes.csv$1}
  - {name: sendgrid, type: file, file: events.jsonl$2}
output: {directory: out}
YAML
}

left() {
    tail -n +2 out/clean.csv | cut -d@ -f1 | paste -sd' '
}

@test "without a scope every unsubscribe counts" {
    write_scoped_job "" ", scope: any"
    presend_ends 0 run job.yaml
    [ "$(left)" = "" ]
    [ "$(jq '[.sources[] | has("other_scopes")] | any' out/report.json)" = false ]
}

@test "with a scope the unsubscribes from other tags and groups do not count" {
    write_scoped_job ", scope: [spring, summer]" ", scope: ['101']"
    presend_ends 0 run job.yaml
    [ "$(left)" = "c g" ]
    [ "$(jq -c '[.sources[].other_scopes]' out/report.json)" = "[1,1]" ]
    [ "$(jq -c '[.job.suppressions[].scope]' out/report.json)" = '[["spring","summer"],["101"]]' ]
    grep -q "1 of other tags or groups" out/report.html
}

@test "an entry that names no tag counts in every scope" {
    write_scoped_job ", scope: [winter]" ", scope: ['7']"
    presend_ends 0 run job.yaml
    [ "$(left)" = "a b c f g" ]
}

@test "Mailgun's unsubscribe events carry the tags of the mail: they count in every scope" {
    write_scoped_job ", scope: [spring]" ", scope: [spring]"
    echo '{"event":"unsubscribed","recipient":"g@example.jp","timestamp":1790000000,"id":"1","tags":["promo"]}' >events.jsonl
    presend_ends 0 run job.yaml
    [ "$(left)" = "c f h i" ]
}
