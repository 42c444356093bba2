# Lists as Japanese companies keep them: what people type, and files that several programs wrote.

load common

# A list of these addresses, one a row, in UTF-8.
list() {
    echo 会員番号,氏名,メールアドレス,最終クリック日
    local number=0
    for address in "$@"; do
        number=$((number + 1))
        echo "$number,表 太郎,$address,2026/11/1"
    done
}

# The run of a job that says what lists of so few rows do not show. Its argument is the encoding.
clean() {
    cat >job.yaml <<YAML
version: 1
as_of: 2026-11-21
recipients: [{file: list.csv, encoding: ${1:-auto}, columns: {email: メールアドレス}}]
mx: {mode: off}
suppressions: none
YAML
    presend_ends 0 run job.yaml -o out
}

# The numbers of the rows that went to this list.
rows() {
    tail -n +2 "out/$1.csv" | cut -d, -f1 | paste -sd' '
}

as_utf8() {
    iconv -f CP932 -t UTF-8 "out/$1.csv"
}

@test "typed in full width, with an ideographic space, in brackets: it goes out as it is meant, in the file's encoding" {
    list ｔａｒｏ．ｙ＠ｓｈｏｐ．ｊｐ '　hana@shop.jp　' 『kiku@shop.jp』 matsu@shop。jp taro～x@shop.jp info@例え.jp ume..m@docomo.ne.jp |
        iconv -f UTF-8 -t CP932 >list.csv
    clean
    [ "$(as_utf8 clean | tail -n +2 | cut -d, -f3 | paste -sd' ')" = \
        "taro.y@shop.jp hana@shop.jp kiku@shop.jp matsu@shop.jp taro~x@shop.jp info@xn--r8jz45g.jp ume..m@docomo.ne.jp" ]
    [ "$(as_utf8 clean | tail -1 | cut -d, -f2)" = "表 太郎" ]
}

@test "what a person has to look at is held, with a suggestion where there is one" {
    list ﾀﾛｳ@shop.jp '山田 ume@shop.jp' 'ume@shop.jp（携帯）' 'a@shop.jp、b@shop.jp' sei①@shop.jp ソ表能@shop.jp '"ume@shop,jp"' taro＠gmail．co |
        iconv -f UTF-8 -t CP932 >list.csv
    clean
    [ "$(rows held)" = "1 2 3 4 5 6 7 8" ]
    for number in 2 3 7; do
        as_utf8 held | grep "^$number," | grep -q "suggestion: ume@shop.jp"
    done
    as_utf8 held | grep '^5,' | grep -q "suggestion: sei1@shop.jp"
    as_utf8 held | grep '^8,' | grep -q "suggestion: taro@gmail.com"
}

@test "what nobody can put right is removed, and the cells keep their bytes" {
    list なし taro＠＠shop.jp taro@ taro★shop.jp $'ta\u202ero@shop.jp' >list.csv
    clean
    [ "$(rows removed)" = "1 2 3 4 5" ]
    for number in 1 2 3 4 5; do
        cmp <(sed -n $((number + 1))p list.csv | cut -d, -f1-4) <(sed -n $((number + 1))p out/removed.csv | cut -d, -f1-4)
    done
}

@test "the same person in eight spellings is mailed once" {
    list taro@例え.jp ｔａｒｏ＠例え．ｊｐ taro@xn--r8jz45g.jp TARO@XN--R8JZ45G.JP '"""taro""@例え.jp"' '山田 <taro@例え.jp>' \
        $'\u200btaro@例え.jp' 【taro@例え。jp】 >list.csv
    clean
    [ "$(rows clean)" = 1 ]
    [ "$(grep -c ,duplicate, out/removed.csv)" = 7 ]
}

@test "UTF-8 cells in a CP932 file never become somebody else's address" {
    { list good@shop.jp 次郎@shop.jp | iconv -f UTF-8 -t CP932; echo '8,混,混ざり@shop.jp,2026/11/1'; echo '9,混,ｔａｒｏ@shop.jp,2026/11/1'; } >list.csv
    clean cp932
    [ "$(rows clean)" = 1 ]
}

@test "65: CP932 cells in a UTF-8 file, unless the job says which of the two it is; then only those cells suffer" {
    { list good@shop.jp 次郎@例え.jp; printf '8,\215\254,name@shop.jp,2026/11/1\n9,x,\216\237@shop.jp,2026/11/1\n'; } >list.csv
    presend_ends 65 clean list.csv --suppress none --offline -o out
    says stderr encoding:
    clean utf-8
    [ "$(rows clean)" = "1 8" ]
    [ "$(rows held)" = 2 ]
    grep -a '^9,' out/removed.csv | grep -qa invalid_encoding
}
