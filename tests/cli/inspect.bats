# presend inspect: what a file is, and a job file made from it.

load common

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

# The JSON result fits its schema, where Python can tell.
fits_schema() {
    python3 - "$ROOT/schemas/inspect.schema.json" "$1" <<'PYTHON'
import json, sys
try:
    import jsonschema
except ImportError:
    sys.exit(0)
jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))
PYTHON
}

@test "the samples: inspected, made a job, and run as it is" {
    for file in campaign-en campaign-ja; do
        cp "$SAMPLES/$file.csv" .
        presend_ends 0 inspect "$file.csv" --write-job "$file.yaml" --as-of 2026-11-21 --json
        fits_schema stdout
        [ "$(jq -r '.refusals | length' stdout)" = 0 ]
        presend_ends 0 run "$file.yaml" --offline --as-of 2026-11-21 -o "out-$file" --accept dates --accept removed_share
        is_whole "out-$file"
    done
}

@test "no address and no name is shown" {
    cp "$SAMPLES/campaign-ja.csv" .
    presend_ends 0 inspect campaign-ja.csv
    [ "$(grep -c '@' stdout)" = 3 ]
    lacks '[^*]@' stdout
    presend_ends 0 inspect campaign-ja.csv --json
    [ "$(jq -r '[.samples[][].column] | unique | index("name")' stdout)" = null ]
    [ "$(jq '.samples | length' stdout)" = 3 ]
}

@test "a job file is never overwritten, and says loudly that nobody is left out" {
    presend_ends 0 inspect in.csv --write-job made.yaml
    says made.yaml "NOBODY IS LEFT OUT"
    says made.yaml "suppressions: none"
    cp made.yaml before
    presend_ends 64 inspect in.csv --write-job made.yaml
    cmp made.yaml before
}

@test "--suppress stands in the job, its path as seen from there" {
    mkdir jobs
    presend_ends 0 inspect in.csv --suppress left.txt --write-job jobs/made.yaml
    presend_ends 0 run jobs/made.yaml --offline -o out
    grep -q left@example.jp out/removed.csv
    presend_ends 66 inspect in.csv --suppress nowhere.txt --write-job jobs/other.yaml
    [ ! -e jobs/other.yaml ]
}

@test "an ambiguous date is a refusal with its line, and no job is written" {
    printf 'email,last_click,last_login\na@example.jp,01/02/2026,03/04/2026\n' >in.csv
    presend_ends 0 inspect in.csv --json
    fits_schema stdout
    [ "$(jq -r '.refusals[].hint' stdout | grep -o 'dates: {last_[a-z]*: dmy}' | paste -sd' ')" = \
        "dates: {last_click: dmy} dates: {last_login: dmy}" ]
    presend_ends 65 inspect in.csv --write-job made.yaml
    says stderr "dates: {last_click: dmy}"
    [ ! -e made.yaml ]
    presend_ends 0 inspect in.csv
    says stdout "A run would refuse this file"
}

@test "an order that was found is written into the job" {
    printf 'email,last_click\na@example.jp,01/02/2026\nb@example.jp,31/01/2026\n' >in.csv
    presend_ends 0 inspect in.csv --write-job made.yaml --json
    [ "$(jq -r '.columns[1].dates.forms' stdout)" = dmy ]
    says made.yaml "last_click: dmy"
    presend_ends 0 run made.yaml --offline -o out
}

@test "two columns that could be the address: the headers are shown, and the line to add" {
    printf 'email,mail\na@example.jp,b@example.jp\n' >in.csv
    presend_ends 0 inspect in.csv --json
    fits_schema stdout
    [ "$(jq -r '.columns[].header' stdout | paste -sd' ')" = "email mail" ]
    says stdout "columns: {email: email}"
    [ "$(jq -r '.samples | length' stdout)" = 0 ] # what must be masked is not known
}

@test "headers that YAML would trip over" {
    printf '"e: ""mail""","#last_click",名: 前\na@example.jp,2026-11-01,x\n' >in.csv
    presend_ends 0 inspect in.csv --json
    printf '"Email","last click","# {mail by}: ""x"""\na@example.jp,2026-11-01,0\n' >in.csv
    presend_ends 0 inspect in.csv --write-job made.yaml
    presend_ends 0 run made.yaml --offline -o out
}

@test "without a header, from gzip, from standard input" {
    printf 'a@example.jp,2026-11-01\nb@example.jp,2026-11-02\n' >list.csv
    presend_ends 0 inspect list.csv --no-header --write-job made.yaml --json
    fits_schema stdout
    [ "$(jq -r '.columns[0].why' stdout)" = content ]
    presend_ends 0 run made.yaml --offline -o out
    gzip -k in.csv
    presend_ends 0 inspect in.csv.gz --json
    [ "$(jq -r .compression stdout)" = gzip ]
    presend_ends 0 inspect - --json <in.csv
    [ "$(jq -r .rows stdout)" = 4 ]
    presend_ends 64 inspect - --write-job other.yaml <in.csv
}

@test "what is no table is refused as a run refuses it" {
    echo '<html>' >page.csv
    presend_ends 65 inspect page.csv
    presend_ends 66 inspect nowhere.csv
    presend_ends 64 inspect in.csv --encoding latin-9
}

@test "exports of other products: what each column is taken for" {
    for file in "$ROOT"/tests/exports/*.csv; do
        expected="${file%.csv}.txt"
        presend_ends 0 inspect "$file" --as-of 2026-11-21 --json
        fits_schema stdout
        jq -r '"product: \(.product)", "form: \(.encoding)\(if .bom then " bom" else "" end) \(.delimiter) \(.line_end)",
            (.columns[] | select(.column != null) | "\(.header): \(.column)" + (if .dates then " \(.dates.forms)" else "" end)),
            (.refusals[] | "refused: \(.message)", "  hint: \(.hint)")' stdout | sed "s|$ROOT/||g" >got
        [ -z "$PS_EXPORTS_WRITE" ] || cp got "$expected"
        diff "$expected" got || { echo "$file"; return 1; }
    done
}

# What a refusal's hint says to add, as options of inspect: columns: {optin: X} is --column optin=X.
hinted() {
    jq -r '.refusals[].hint | scan("(columns|dates): {([a-z_]+): ([^}]+)}") | "\(.[0] | rtrimstr("s")) \(.[1])=\(.[2])"' stdout |
        sed 's/^date /dates /; s/="\(.*\)"$/=\1/' | head -1
}

@test "exports of other products: the job that is written is run as it is, after what the hints say" {
    for file in "$ROOT"/tests/exports/*.csv; do
        name=$(basename "$file" .csv)
        [ "$name" = unknown_flag ] && continue # only its owner knows what it says
        options=()
        for _ in 1 2 3; do
            presend_ends 0 inspect "$file" "${options[@]}" --as-of 2026-11-21 --json
            [ "$(jq '.refusals | length' stdout)" = 0 ] && break
            said=$(hinted)
            options+=("--${said%% *}" "${said#* }")
        done
        presend_ends 0 inspect "$file" "${options[@]}" --as-of 2026-11-21 --write-job "$name.yaml"
        presend_ends 0 run "$name.yaml" --offline --as-of 2026-11-21 -o "out-$name"
        is_whole "out-$name"
        jq -e '.counts | .rows == .clean + .winback + .held + .removed and .rows > 0' "out-$name/report.json"
        presend_ends 0 run "$name.yaml" --offline --as-of 2026-11-21 -o "out-$name" --set 'engagement={profile: b2c_weekly}'
    done
}

@test "what a run would ask about is said on the command line, and stands in the job" {
    printf 'email,メルマガ送付,最終クリック日\na@example.jp,1,03/04/2026\nb@example.jp,0,05/06/2026\n' >in.csv
    presend_ends 65 inspect in.csv --write-job made.yaml
    says stderr "seems to say who may be mailed"
    says stderr "--column NAME=HEADER"
    presend_ends 65 inspect in.csv --column optin=メルマガ送付 --write-job made.yaml
    says stderr "whether its day or its month"
    presend_ends 0 inspect in.csv --column optin=メルマガ送付 --dates last_click=dmy --write-job made.yaml
    grep -q 'optin: "メルマガ送付"' made.yaml
    grep -q 'last_click: dmy' made.yaml
    presend_ends 0 run made.yaml --offline --as-of 2026-11-21 -o out
    [ "$(tail -n +2 out/clean.csv | wc -l)" = 1 ]
    presend_ends 64 inspect in.csv --column optin
    presend_ends 64 inspect in.csv --column last_klick=x
    presend_ends 64 inspect in.csv --dates last_click=dym
    presend_ends 65 inspect in.csv --column optin=nowhere --write-job other.yaml
}
