# presend domains: the MX rules, asked of knotd on loopback; and its cache.

load common
load knot

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
