# Files with more evidence about recipients: what they may be, and what is refused with the line that would fix it.

load common

# The second row of the job is due for a win-back mail; `activity` says more of it.
with_activity() {
    write_job "activity: [$1]"
    printf 'customer,mail,seen\n2,lapsed@example.jp,2026-11-10\n9,stranger@example.jp,2026-11-20\n' >logins.csv
}

@test "a login saves somebody who would be asked to come back" {
    presend_ends 0 run job.yaml -o without
    lacks lapsed without/clean.csv
    for join in "key: email, columns: {email: mail, last_login: seen}" "key: id, columns: {id: customer, last_login: seen}"; do
        with_activity "{file: logins.csv, $join}"
        presend_ends 0 run job.yaml -o out
        says out/clean.csv lapsed
        lacks stranger out/*.csv
        jq -e '[.inputs[] | [.role, .rows, .rows_matched]] == [["recipients", 4, null], ["activity", 2, 1]]' out/report.json
        jq -e '.counts.rows == 4' out/report.json
    done
}

@test "an opt-out in an activity file counts" {
    with_activity "{file: logins.csv, key: email, columns: {email: mail}}"
    printf 'mail,unsubscribed\ngood@example.jp,yes\n' >logins.csv
    presend_ends 0 run job.yaml -o out
    lacks good out/clean.csv
    says out/removed.csv column_optout
}

@test "the status and the date of an order are not the customer's" {
    with_activity "{file: logins.csv, key: email, columns: {email: mail, last_purchase: day}}"
    printf 'mail,day,status,created\ngood@example.jp,2026-11-01,cancelled,2026-11-20\n' >logins.csv
    presend_ends 0 run job.yaml -o out
    says out/clean.csv good
    jq -e '[.inputs[1].columns[].column] == ["email", "last_purchase"]' out/report.json
}

@test "66: an activity file that is not there" {
    with_activity "{file: nowhere.csv, key: email, columns: {last_login: seen}}"
    presend_ends 66 run job.yaml -o out
    says stderr nowhere.csv
    [ ! -e out ]
}

@test "65: an activity file that is about nobody" {
    with_activity "{file: logins.csv, key: email, columns: {email: mail, last_login: seen}}"
    for rows in '8,other@example.jp,2026-11-10\n' ''; do
        printf 'customer,mail,seen\n'"$rows" >logins.csv
        presend_ends 65 run job.yaml -o out
        says stderr logins.csv
        says stderr "key: id, columns: {id: ITS HEADER}"
        [ ! -e out ]
    done
    with_activity "{file: logins.csv, key: id, columns: {id: customer, last_login: seen}}"
    sed -i 's/^2,/02,/' logins.csv
    presend_ends 65 run job.yaml -o out
    says stderr "key: email, columns: {email: ITS HEADER}"
}

@test "65: a key column that is not there, or that could be two" {
    with_activity "{file: logins.csv, key: id, columns: {last_login: seen}}"
    presend_ends 65 run job.yaml -o out
    says stderr "columns: {id: ITS HEADER}"
    with_activity "{file: logins.csv, key: email, columns: {last_login: seen}}"
    sed -i 1s/mail/who/ logins.csv
    presend_ends 65 run job.yaml -o out
    says stderr "columns: {email: who}"
    with_activity "{file: logins.csv, key: id, columns: {id: person, last_login: seen}}"
    presend_ends 65 run job.yaml -o out
    says stderr person
    with_activity "{file: logins.csv, key: id, columns: {last_login: seen}}"
    sed -i '1s/.*/customer_id,member_id,seen/' logins.csv
    presend_ends 65 run job.yaml -o out
    says stderr "columns: {id: customer_id}"
    with_activity "{file: logins.csv, key: id, columns: {id: customer, last_login: seen}}"
    sed -i 1s/id/number/ in.csv
    presend_ends 65 run job.yaml -o out
    says stderr in.csv
}

@test "65: an activity file that says nothing, or an id that is no key" {
    with_activity "{file: logins.csv, key: email, columns: {email: mail}}"
    presend_ends 65 run job.yaml -o out
    says stderr "columns: {last_login: ITS HEADER}"
    with_activity "{file: logins.csv, key: id, columns: {id: customer, last_login: seen}}"
    for i in $(seq 17); do echo "guest,person$i@example.jp,2026-11-01,2024-01-01"; done >>in.csv
    presend_ends 65 run job.yaml -o out
    says stderr "key: email"
}

@test "64 and 78: an activity file in the output directory, or from standard input" {
    mkdir out
    with_activity "{file: out/logins.csv, key: email, columns: {last_login: seen}}"
    mv logins.csv out/
    presend_ends 64 run job.yaml -o out
    [ -e out/logins.csv ]
    with_activity '{file: "-", key: email}'
    presend_ends 78 run job.yaml -o out
    says stderr "standard input"
    with_activity "{file: logins.csv}"
    presend_ends 78 run job.yaml -o out
    says stderr "key: email"
}

@test "an activity file that changed keeps a set from being approved" {
    write_guarded_job
    echo "activity: [{file: logins.csv, key: email, columns: {last_login: seen}}]" >>job.yaml
    printf 'email,seen\nlapsed@example.jp,2026-11-10\n' >logins.csv
    presend_ends 76 run job.yaml -o out
    echo lapsed@example.jp,2026-11-11 >>logins.csv
    presend_ends 65 approve out
    says stderr logins.csv
}
