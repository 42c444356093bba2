# What columns beside the dates say: consent, segment, opens that no person made.

load common

# A list from stdin, and a job for it.
write_list() {
    cat >in.csv
    cat >job.yaml <<'YAML'
version: 1
as_of: 2026-11-21
recipients: [{file: in.csv}]
mx: {mode: off}
suppressions: none
YAML
    printf '%s\n' "$@" >>job.yaml
}

rows() {
    tail -n +2 "$1" | cut -d@ -f1 | paste -sd' '
}

@test "consent: hold holds whom no row shows consent of" {
    write_list "consent: hold" <<'CSV'
email,consent_at,consent_source
a@example.jp,2024-01-01,
b@example.jp,,web form
c@example.jp,,
d@example.jp,0000-00-00,なし
e@example.jp,2024-01-01,
e@example.jp,,
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a b" ]
    [ "$(rows out/held.csv)" = "c d e" ] # of missing consent the worst counts
    [ "$(jq '.reasons[] | select(.reason == "consent") | .decided' out/report.json)" = 3 ]
    presend_ends 0 run job.yaml --set consent=keep -o out
    [ "$(rows out/clean.csv)" = "a b c d e" ]
}

@test "consent in a Japanese list: words that say there is none show none" {
    iconv -f UTF-8 -t CP932 <<'CSV' >ja.csv
会員番号,氏名,メールアドレス,同意日,同意元
1,山田,a@shop.jp,2024/4/1,店頭
2,佐藤,b@shop.jp,令和5年4月1日,
3,鈴木,c@shop.jp,不明,Ｗｅｂフォーム
4,高橋,d@shop.jp,,○
5,伊藤,e@shop.jp,,
6,渡辺,f@shop.jp,未取得,なし
7,中村,g@shop.jp,―,×
8,小林,h@shop.jp,,いいえ
9,加藤,i@shop.jp,,不明
10,吉田,j@shop.jp,,未
11,山本,k@shop.jp,,撤回
12,池田,l@shop.jp,2027/4/1,
CSV
    write_list "consent: hold" </dev/null
    presend_ends 0 run job.yaml --set recipients.0.file=ja.csv -o out
    [ "$(tail -n +2 out/clean.csv | cut -d, -f1 | paste -sd' ')" = "1 2 3 4" ]
    [ "$(tail -n +2 out/held.csv | cut -d, -f1 | paste -sd' ')" = "5 6 7 8 9 10 11 12" ]
}

@test "consent: hold holds whom a word says no of, whatever date stands beside it" {
    write_list "consent: hold" <<'CSV'
email,consent_at,consent_source
a@example.jp,2024-01-01,withdrawn
b@example.jp,2024-01-01,撤回
c@example.jp,2024-01-01,　撤回　
d@example.jp,2024-01-01,いいえ
e@example.jp,2024-01-01,配信停止
f@example.jp,2024-01-01,退会済み
g@example.jp,2024-01-01,×
h@example.jp,,Unsubscribed
i@example.jp,,opt-out
j@example.jp,,pending
k@example.jp,,受信拒否
l@example.jp,,No consent
m@example.jp,,同意していない
n@example.jp,撤回,店頭
o@example.jp,,ＮＯＮＥ
p@example.jp,2024-01-01,ＮＯＮＥ
q@example.jp,2024-01-01,不明
r@example.jp,2024-01-01,なし
s@example.jp,0,店頭
t@example.jp,不明,店頭
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "p q r s t" ]
    [ "$(rows out/held.csv)" = "a b c d e f g h i j k l m n o" ]
}

@test "consent: hold needs a column that could show it" {
    write_list "consent: hold" <<<$'email\na@example.jp'
    presend_ends 65 run job.yaml -o out
    says stderr "columns: {consent_at: ITS HEADER}"
}

@test "the segment picks the windows of a row" {
    write_list "engagement: {profile: b2c_weekly}" <<'CSV'
email,last_click,segment
a@example.jp,2026-06-01,
b@example.jp,2026-06-01,B2B
c@example.jp,2026-06-01,b2c
d@example.jp,2026-01-01,法人
e@example.jp,2026-11-01,
f@example.jp,2026-01-01,b2c
f@example.jp,,b2b
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a b c d e f" ]
    [ "$(jq -c '[.reasons[] | select(.reason == "active" or .reason == "cooling") | .found]' out/report.json)" = "[2,5]" ]
    presend_ends 0 run job.yaml --set engagement.profile=b2b -o out
    [ "$(rows out/clean.csv)" = "a b c d e f" ]
}

@test "an open that a machine made is none" {
    write_list "engagement: {profile: b2c_weekly}" <<'CSV'
email,last_open,open_is_machine,last_click,signup_at
a@example.jp,2026-11-01,yes,2026-02-01,2020-01-01
b@example.jp,2026-11-01,no,2026-02-01,2020-01-01
c@example.jp,2026-11-01,,2026-02-01,2020-01-01
d@icloud.com,2026-11-01,,2026-02-01,2020-01-01
e@icloud.com,2026-11-01,no,2026-02-01,2020-01-01
f@example.jp,,,2026-11-01,2020-01-01
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "b c e f" ]
    [ "$(rows out/winback.csv)" = "a d" ]
}

# The text of a warning of the run.
warning() {
    jq -r --arg code "$1" '.warnings[] | select(.code == $code) | .text' out/report.json
}

@test "answers that go with no win-back mail are told" {
    write_list "engagement: {profile: b2c_weekly}" <<'CSV'
email,last_click,winback_sent_at,winback_replied_at,signup_at
a@example.jp,2026-01-01,,2026-11-01,2020-01-01
b@example.jp,2026-01-01,2026-11-05,2026-11-01,2020-01-01
c@example.jp,2026-01-01,2026-10-05,2026-11-01,2020-01-01
d@example.jp,2026-11-01,,,2020-01-01
e@example.jp,2026-01-01,2026-10-05,2026-06-01,2020-01-01
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a c d" ]
    [ "$(rows out/held.csv)" = b ]
    [ "$(rows out/removed.csv)" = e ]
    [ "$(warning reply_alone)" = "Answers to a win-back mail that no column says was sent, taken as signs of life: 1." ]
    [ "$(warning reply_early)" = "Answers from before the win-back mail, which do not count as its answer: 2." ]
}

@test "who opted in again after unsubscribing stays left out, and is told" {
    write_list "engagement: {profile: b2c_weekly}" <<'CSV'
email,last_click,resubscribed_at
a@example.jp,2026-11-01,2026-11-01
b@example.jp,2026-11-01,2026-02-01
c@example.jp,2026-11-01,
CSV
    printf 'address,created_at\na@example.jp,2026-05-01T00:00:00Z\nb@example.jp,2026-05-01T00:00:00Z\n' >gone.csv
    presend_ends 0 run job.yaml --set 'suppressions=[{name: gone, type: file, file: gone.csv, class: unsubscribe}]' -o out
    [ "$(rows out/removed.csv)" = "a b" ]
    [ "$(warning returned)" = "Rows that a list has as unsubscribed and that opted in again later: 1. They stay left out until the list lets go of them." ]
}

@test "a file that cannot say who is inactive: nobody is, and the headline says so" {
    write_list "engagement: {profile: b2c_weekly}" <<'CSV'
email,name
a@example.jp,A
b@example.jp,B
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a b" ]
    [ "$(jq -c '.warnings[] | select(.code == "unmeasured") | .headline' out/report.json)" = true ]
    grep -q "Nobody was judged inactive" out/report.html
    sed -i /engagement/d job.yaml
    presend_ends 0 run job.yaml -o out
    [ -z "$(warning unmeasured)" ]
}

@test "opens at a domain that Apple hosts are none, and the send list says whose it is" {
    write_list "engagement: {profile: b2c_weekly}" "output: {add: [operator]}" <<'CSV'
email,last_open,last_click,signup_at
a@hosted.example.jp,2026-11-01,2026-02-01,2020-01-01
b@hosted.example.jp,2026-11-01,2026-11-01,2020-01-01
c@example.jp,2026-11-01,2026-02-01,2020-01-01
CSV
    printf 'domain,verdict,reason,operator\nhosted.example.jp,deliverable,mx,apple_icloud\nexample.jp,deliverable,mx,\n' >mx.csv
    presend_ends 0 run job.yaml --set 'mx={mode: snapshot, snapshot: mx.csv}' -o out
    [ "$(rows out/winback.csv)" = a ]
    [ "$(tail -n +2 out/clean.csv | cut -d, -f5 | paste -sd' ')" = "apple_icloud " ]
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a b c" ]
}

@test "what the cells of a date column are is counted and told" {
    write_list "engagement: {profile: b2c_weekly}" <<'CSV'
email,last_click,signup_at
a@example.jp,2026-11-01,2020-01-01
b@example.jp,2026-11-22,2020-01-01
c@example.jp,2026-11-23,2020-01-01
d@example.jp,0000-00-00,2020-01-01
e@example.jp,未購入,2020-01-01
f@example.jp,,2020-01-01
g@example.jp,24/02/01,2020-01-01
h@example.jp,2020-02-01,2020-01-01
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(jq -c '.inputs[0].columns[] | select(.column == "last_click") | [.filled, .missing, .future, .unreadable]' out/report.json)" = "[3,3,1,1]" ]
    [ "$(warning future_dates)" = 'Dates of the column "last_click" that lie in the future and count as missing: 1.' ]
    [ "$(warning dates)" = 'Dates of the column "last_click" that cannot be read: 1.' ]
    [ "$(rows out/clean.csv)" = "a b" ] # tomorrow is a clock that is ahead
    [ "$(rows out/held.csv)" = g ]
    [ "$(rows out/removed.csv)" = "c d e f h" ]
}

@test "a column that is not kept proves activity, never inactivity, and is told" {
    write_list "engagement: {profile: b2c_weekly}" "consent: keep" <<'CSV'
email,last_click,last_login,signup_at,consent_at,winback_sent_at,resubscribed_at
a@example.jp,2025-01-01,2026-11-01,2020-01-01,,,
b@example.jp,2025-01-01,,2020-01-01,,,
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(warning not_tracked)" = 'The column "last_click" is filled too rarely or ends too early to prove that somebody is inactive.' ]
    [ "$(rows out/clean.csv)" = a ]
    [ "$(rows out/removed.csv)" = b ] # by the logins
    sed -i 's/,2026-11-01/,/' in.csv
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a b" ]
    [ "$(jq '.reasons[] | select(.reason == "no_engagement_data") | .found' out/report.json)" = 2 ]
}

@test "dormant: hold holds who would be removed" {
    write_list "engagement: {profile: b2c_weekly, dormant: hold}" <<'CSV'
email,last_click,signup_at
a@example.jp,2026-11-01,2020-01-01
b@example.jp,2025-01-01,2020-01-01
c@example.jp,,2020-01-01
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/held.csv)" = "b c" ]
    grep -q "^b@.*,dormant," out/held.csv
    grep -q "^c@.*,never_engaged," out/held.csv
}

@test "expired win-backs are no inactive rows to the guard, however many" {
    write_list "engagement: {profile: b2c_weekly}" "guards: {min_rows: 1, engagement_share: 10%, removed_share: 10%}" <<'CSV'
email,last_click,signup_at,winback_sent_at
a@example.jp,2026-11-01,2020-01-01,
b@example.jp,2025-01-01,2020-01-01,2026-09-01
c@example.jp,2025-01-01,2020-01-01,2026-09-01
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/removed.csv)" = "b c" ]
    jq -e '[.guards[] | select(.guard == "engagement_share" or .guard == "removed_share") | .rows] == [0, 0]' out/report.json
}

@test "protected takes back engagement, and nothing else" {
    write_list "engagement: {profile: b2c_weekly}" <<'CSV'
email,last_click,signup_at,protected,optout
a@example.jp,2026-11-01,2020-01-01,,
b@example.jp,2025-01-01,2020-01-01,yes,
c@example.jp,2025-01-01,2020-01-01,yes,yes
d@example.jp,2025-01-01,2020-01-01,yes,
e..e@example.jp,2025-01-01,2020-01-01,yes,
info@example.jp,2025-01-01,2020-01-01,no,
CSV
    echo d@example.jp >gone.txt
    presend_ends 0 run job.yaml --set 'suppressions=[{name: gone, type: file, file: gone.txt}]' -o out
    [ "$(rows out/clean.csv)" = "a b" ]
    [ "$(rows out/removed.csv)" = "c d e..e info" ] # whom a shared mailbox belongs to may be inactive, too
    grep -q "^info@.*,dormant," out/removed.csv
}

@test "serial numbers of a spreadsheet, where the job says so" {
    write_list "engagement: {profile: b2c_weekly}" <<'CSV'
email,last_click,signup_at
a@example.jp,46327,43831
b@example.jp,46000.5,43831
c@example.jp,45000,43831
CSV
    presend_ends 0 run job.yaml -o out
    [ "$(rows out/clean.csv)" = "a b c" ] # a number by itself is no date, so nothing is known of anybody
    presend_ends 0 run job.yaml --set 'recipients.0.columns={last_click: last_click, signup_at: signup_at}' \
        --set 'recipients.0.dates={last_click: excel, signup_at: excel}' -o out
    [ "$(rows out/clean.csv)" = a ]
    [ "$(rows out/winback.csv)" = b ]
    [ "$(rows out/removed.csv)" = c ]
}
