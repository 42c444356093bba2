# What may be said of valid but doubtful addresses: each key of `address` with each of its words.

load common

# Where the only row goes under `address.$1: $2`, and how often the report counts the reason $3.
outcome() {
    presend_ends 0 run job.yaml -o out --set "address.$1=$2" -q
    jq -r --arg reason "$3" '[(.counts | to_entries[] | select(.key | IN("clean", "held", "removed")) | select(.value == 1) | .key),
        ([.reasons[] | select(.reason == $reason) | .found] | add // 0)] | join(" ")' out/report.json
}

# The key, the reason, and the address it is about.
check() {
    write_job
    printf 'email\n%s\n' "$3" >in.csv
    [ "$(outcome "$1" off "$2")" = "clean 0" ]
    [ "$(outcome "$1" keep "$2")" = "clean 1" ]
    [ "$(outcome "$1" hold "$2")" = "held 1" ]
    [ "$(outcome "$1" remove "$2")" = "removed 1" ] || [ "$(outcome "$1" remove "$2")" = "$4" ]
}

@test "smtputf8" {
    check smtputf8 smtputf8_required 太郎@例え.jp
    outcome smtputf8 keep smtputf8_required
    [ "$(tail -1 out/clean.csv)" = "太郎@xn--r8jz45g.jp" ]
}

@test "quoted" {
    check quoted local_quoted '"""ta ro""@shop.jp"'
    outcome quoted keep local_quoted
    [ "$(tail -1 out/clean.csv)" = '"""ta ro""@shop.jp"' ]
}

@test "disposable" {
    check disposable disposable_domain taro@mailinator.com
}

@test "role and role_system" {
    check role role_account info@shop.jp
    check role_system role_account noreply@shop.jp
}

@test "typo: what a person can put right is held, never removed" {
    check typo typo_suspected taro@gmail.co "held 1"
    [ "$(outcome typo fix typo_fixed)" = "clean 1" ]
    [ "$(tail -1 out/clean.csv)" = taro@gmail.com ]
    [ "$(jq .job.address.typo_fix out/report.json)" = true ]
    printf 'email\ntaro@gmial.com\n' >in.csv
    [ "$(outcome typo fix typo_suspected)" = "held 1" ]
}

@test "legacy_carrier: raw or quoted, and the same people either way" {
    write_job
    printf 'email\na..b@docomo.ne.jp\n"""a..b""@docomo.ne.jp"\n' >in.csv
    presend_ends 0 run job.yaml -o out
    [ "$(cat out/clean.csv)" = $'email\na..b@docomo.ne.jp' ]
    presend_ends 0 run job.yaml -o out --set address.legacy_carrier=quoted
    [ "$(cat out/clean.csv)" = $'email\n"""a..b""@docomo.ne.jp"' ]
}

@test "allow_special_use: none, some, all" {
    write_job
    printf 'email\na@shop.example.com\nb@shop.test\n' >in.csv
    presend_ends 0 run job.yaml -o out
    [ "$(jq .counts.removed out/report.json)" = 2 ]
    presend_ends 0 run job.yaml -o out --set 'address.allow_special_use=[test]'
    [ "$(tail -1 out/clean.csv)" = b@shop.test ]
    presend_ends 0 run job.yaml -o out --set address.allow_special_use=all
    [ "$(jq .counts.clean out/report.json)" = 2 ]
}

@test "78: typo: fix where the addresses stay as they are, and words that no key knows" {
    write_job
    presend_ends 78 run job.yaml -o out --set address.typo=fix --set output.email=original
    says stderr "typo: fix"
    says stderr "typo: hold"
    for wrong in role=fix typo=yes disposable=never legacy_carrier=hold allow_special_use=none; do
        presend_ends 78 run job.yaml -o out --set "address.$wrong"
        says stderr "${wrong#*=}"
    done
}
