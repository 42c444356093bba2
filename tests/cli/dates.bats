# How dates are written: found out over whole columns, refused where that cannot be, and said by the job.

load common

# A list whose clicks stand as they are given, one argument a row; then a job for it. Rows are a0@, a1@ and so on.
write_clicks() {
    local i=0 click
    echo "email,last_click,signup_at" >in.csv
    for click in "$@"; do
        echo "a$i@example.jp,$click,2020-01-01" >>in.csv
        i=$((i + 1))
    done
    cat >job.yaml <<'YAML'
version: 1
as_of: 2026-11-21
timezone: Asia/Tokyo
recipients: [{file: in.csv}]
mx: {mode: off}
suppressions: none
engagement: {profile: b2c_weekly}
YAML
}

# The first cells of a list's rows.
rows() {
    [ -f "$1" ] && tail -n +2 "$1" | cut -d@ -f1 | paste -sd' '
}

@test "the day first, by one date that cannot be otherwise" {
    write_clicks 03/11/2026 31/10/2026 05/04/2026
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a0 a1" ] # 3 November, 31 October
    [ "$(rows out/winback.csv)" = a2 ] # 5 April; 4 May would be due, too
    [ "$(jq -r '.inputs[0].columns[] | select(.column == "last_click") | .oldest' out/report.json)" = 2026-04-05 ]
    [ "$(jq -c '.inputs[0].columns[] | select(.column == "last_click") | .forms' out/report.json)" = '["dmy"]' ]
    [ "$(jq -c '.inputs[0].columns[] | select(.column == "email") | .forms' out/report.json)" = '[]' ]
}

@test "the month first, by one date that cannot be otherwise" {
    write_clicks 11/03/2026 10/31/2026 '05/04/2026 3:04 PM'
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a0 a1" ]
    [ "$(jq -r '.inputs[0].columns[] | select(.column == "last_click") | .oldest' out/report.json)" = 2026-05-04 ]
}

@test "each file's own forms, as they are written" {
    write_clicks 2026-11-03 2026/10/31 令和8年5月4日
    mv in.csv a.csv
    write_clicks 31/10/2026 05/04/2026
    mv in.csv b.csv
    presend_ends 0 run job.yaml --set 'recipients=[{file: a.csv}, {file: b.csv}]' -o out
    [ "$(jq -c '[.inputs[].columns[] | select(.column == "last_click") | .forms]' out/report.json)" = '[["iso","ymd","era"],["dmy"]]' ]
    grep -q '<td>iso ymd era</td>' out/report.html
}

@test "neither: refused with the line that says it, and that line works" {
    write_clicks 11/03/2026 10/11/2026
    presend_ends 65 run job.yaml -o out
    says stderr "'last_click'"
    says stderr "dates: {last_click: dmy}"
    [ ! -e out ]
    presend_ends 0 run job.yaml --set 'recipients.0.dates={last_click: mdy}' -o out
    [ "$(rows out/clean.csv)" = "a0 a1" ] # 3 November, 11 October
    presend_ends 0 run job.yaml --set recipients.0.dates.last_click=dmy -o out
    [ "$(rows out/clean.csv)" = a1 ] # 11 March is long ago
    [ "$(rows out/winback.csv)" = a0 ]
}

@test "both: refused with how many say what" {
    write_clicks 13/03/2026 03/13/2026 03/14/2026
    presend_ends 65 run job.yaml -o out
    says stderr "1 can only have the day first, 2 only the month"
    says stderr "dates: {last_click: dmy}"
    presend_ends 0 run job.yaml --set recipients.0.dates.last_click=mdy --accept dates -o out
}

@test "best evidence of two rows, though only the end of the file tells the order" {
    write_clicks 01/11/2026 02/10/2026
    printf 'a0@example.jp,02/01/2026,2020-01-01\na9@example.jp,25/12/2025,2020-01-01\n' >>in.csv
    presend_ends 0 run job.yaml --accept engagement_share --accept removed_share -o out
    [ "$(rows out/clean.csv)" = "a0 a1" ]
    grep -q '^a0@example.jp,02/01/2026,.*duplicate' out/removed.csv
}

@test "several files: one that cannot tell goes by the others" {
    write_clicks 11/03/2026
    cp in.csv other.csv
    sed -i 's/a0@example.jp,11.03.2026/b0@example.jp,25\/10\/2026/' other.csv
    sed -i 's/recipients:.*/recipients: [{file: in.csv}, {file: other.csv}]/' job.yaml
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/winback.csv)" = a0 ] # 11 March
    [ "$(rows out/clean.csv)" = b0 ]
}

@test "several files, each in its own order" {
    write_clicks 25/10/2026 01/11/2026
    printf 'email,last_click,signup_at\nb0@example.jp,10/25/2026,2020-01-01\nb1@example.jp,11/01/2026,2020-01-01\n' >other.csv
    sed -i 's/recipients:.*/recipients: [{file: in.csv}, {file: other.csv}]/' job.yaml
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a0 a1 b0 b1" ]
}

@test "seconds since 1970, in the civil days of the job's zone" {
    write_clicks 1763650800 1763650799 1795000000000 # 2025-11-21 00:00 in Tokyo, and a second before
    presend_ends 0 run job.yaml --accept engagement_share --accept removed_share -o out
    [ "$(rows out/winback.csv)" = a0 ] # 365 days
    [ "$(rows out/removed.csv)" = a1 ] # 366
}

@test "a column that nothing is judged by need not be told apart" {
    write_clicks 2026-11-01 2026-11-02
    sed -i 's/signup_at/updated_at/; s/2020-01-01/03\/04\/2020/' in.csv
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a0 a1" ]
}

@test "an activity file in another order than the recipients" {
    write_clicks 25/12/2025 24/12/2025
    printf 'mail,last_login\na0@example.jp,11/02/2026\na1@example.jp,01/31/2026\n' >logins.csv
    echo "activity: [{file: logins.csv, key: email, columns: {email: mail}}]" >>job.yaml
    presend_ends 0 run job.yaml --accept engagement_share --accept removed_share -o out
    [ "$(rows out/clean.csv)" = a0 ] # 2 November
    [ "$(rows out/winback.csv)" = a1 ]
}

@test "an activity file that cannot tell is refused" {
    write_clicks 2026-11-01
    printf 'mail,last_login\na0@example.jp,11/02/2026\n' >logins.csv
    echo "activity: [{file: logins.csv, key: email, columns: {email: mail}}]" >>job.yaml
    presend_ends 65 run job.yaml -o out
    says stderr logins.csv
    says stderr "dates: {last_login: dmy}"
}

@test "the day of an import is nobody's sign-up" {
    write_clicks 2026-11-01 '' '' '' '' ''
    sed -i '6s/2020-01-01/2020-02-02/; 7s/2020-01-01/2019-03-03/' in.csv
    echo "guards: {min_rows: 1}" >>job.yaml
    presend_ends 0 run job.yaml --accept engagement_share --accept removed_share -o out
    [ "$(jq -r '.warnings[] | select(.code == "import_date") | .text' out/report.json)" = \
        "4 sign-ups lie on 2020-01-01: that is the day of an import, and not used as a sign-up." ]
    [ "$(jq '.reasons[] | select(.reason == "no_engagement_data") | .found' out/report.json)" = 3 ]
}

@test "a column that cannot be read, or lies ahead, keeps the set back and is named" {
    write_clicks 2026-11-03 someday 2026-10-31
    presend_ends 76 run job.yaml --set guards.min_rows=1 -o out
    says stderr "The guard dates kept the set back: 1 of 3 cells of one date column cannot be read, \`last_click\` from 'last_click'"
    write_clicks 2026-11-03 2027-01-01 2026-10-31
    presend_ends 76 run job.yaml --set guards.min_rows=1 -o out
    says stderr "1 of 3 cells of one date column lie in the future, \`last_click\`"
    presend_ends 0 run job.yaml --set guards.min_rows=1 --accept future_dates -o out
}

@test "today is the day in the job's zone, not the machine's" {
    write_clicks "$(TZ=Pacific/Kiritimati date +%F)"
    for zone in Pacific/Kiritimati Etc/GMT+12; do # 26 hours apart
        before=$(TZ=$zone date +%F) # a state of its own: the other zone is of another day
        TZ=Asia/Tokyo presend_ends 0 run job.yaml --set as_of=now --set timezone=$zone --set "state=$before.sqlite" -o out
        got=$(jq -r .as_of out/manifest.json)
        [ "$got" = "$before" ] || [ "$got" = "$(TZ=$zone date +%F)" ] # midnight may lie between
    done
}

@test "a moment with a zone is the civil day of the job's zone" {
    write_clicks 2025-11-20T14:59:59Z 2025-11-20T15:00:00Z 2025-11-21T00:00:00+09:00 2025-11-20T23:59:59+09:00 2025-11-20T08:00:00-07:00 2026-11-20
    presend_ends 0 run job.yaml --accept engagement_share --accept removed_share -o out
    [ "$(rows out/winback.csv)" = "a1 a2 a4" ] # of the 21st in Tokyo: 365 days
    [ "$(rows out/removed.csv)" = "a0 a3" ]
}

@test "a fifth of the list on one day is none of an import, more is" {
    write_clicks 2026-11-01 '' '' '' ''
    sed -i '3s/2020-01-01/2020-02-02/; 4s/2020-01-01/2020-03-03/; 5s/2020-01-01/2020-04-04/; 6s/2020-01-01/2020-05-05/' in.csv
    echo "guards: {min_rows: 1}" >>job.yaml
    presend_ends 0 run job.yaml --accept engagement_share --accept removed_share -o out
    [ "$(jq '[.warnings[] | select(.code == "import_date")] | length' out/report.json)" = 0 ]
    sed -i '6s/2020-05-05/2020-04-04/' in.csv
    presend_ends 0 run job.yaml --accept engagement_share --accept removed_share -o out
    [ "$(jq '[.warnings[] | select(.code == "import_date")] | length' out/report.json)" = 1 ]
}
