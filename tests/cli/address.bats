# presend address: the address rules alone, by argument or one cell a line.

load common

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

# One member of each result, a line each.
answers() {
    "$PRESEND" address --json "${@:2}" | jq -r "$1"
}

@test "the worked table, row for row" {
    python3 "$BATS_TEST_DIRNAME/address_table.py" "$PRESEND" "$ROOT/tests/unit/data/address-cases.tsv" \
        "$ROOT/schemas/address.schema.json"
}

@test "a table for people says what became of each address and why" {
    presend_ends 0 address 'Taro@Shop.JP' taro@gmial.com taro 'info@例え.jp'
    is_silent stderr
    [ "$(wc -l <stdout)" = 5 ]
    [ "$(awk '{ print $1 }' stdout | paste -sd' ')" = "VERDICT keep hold remove keep" ]
    says stdout "sent as Taro@shop.jp"
    says stdout "did you mean taro@gmail.com?"
    says stdout "no @ in the address"
    says stdout "sent as info@xn--r8jz45g.jp"
}

@test "the table shows no control characters" {
    presend_ends 0 address "$(printf 'a\033[31m@shop.jp')" "$(printf 'a\342\200\256@shop.jp')"
    lacks "$(printf '\033')" stdout
    says stdout '\x1b[31m'
    says stdout '\xe2\x80\xae'
}

@test "one line in, one line out: empty ones, carriage returns, no line end at the end" {
    printf 'a@shop.jp\r\n\n \nb@shop.jp' >lines
    presend_ends 0 address --json <lines
    [ "$(jq -r .reason stdout | paste -sd' ')" = "ok empty empty ok" ]
    [ "$(jq -r .input stdout | head -1)" = a@shop.jp ]
    presend_ends 0 address --json </dev/null
    is_silent stdout
}

@test "the encoding is found by the first line that is not ASCII" {
    for encoding in UTF-8 CP932 EUC-JP ISO-2022-JP; do
        printf 'a@shop.jp\n太郎@例え.jp\n次郎@例え.jp\n' | iconv -f UTF-8 -t "$encoding" >lines
        presend_ends 0 address --json <lines
        [ "$(jq -r .key stdout | paste -sd' ')" = "a@shop.jp 太郎@xn--r8jz45g.jp 次郎@xn--r8jz45g.jp" ]
    done
}

@test "a byte order mark is no part of an address" {
    printf '\357\273\277a@shop.jp\n' >lines
    [ "$(answers .input <lines)" = a@shop.jp ]
    [ "$(answers .input --encoding utf-8 <lines)" = a@shop.jp ]
    for encoding in UTF-16LE UTF-16BE; do
        { printf '\376\377' | iconv -f UTF-16 -t "$encoding"; printf '\ufeff太@shop.jp\nb@shop.jp\n' | iconv -f UTF-8 -t "$encoding"; } >lines
        [ "$(answers .unicode <lines | paste -sd' ')" = "太@shop.jp b@shop.jp" ]
        [ "$(answers .unicode --encoding utf-16 <lines | paste -sd' ')" = "太@shop.jp b@shop.jp" ]
    done
}

@test "a named encoding holds for arguments too" {
    [ "$(answers .key --encoding sjis "$(printf '\221\276\230Y@shop.jp')")" = 太郎@shop.jp ]
    [ "$(answers .reason "$(printf '\221\276\230Y@shop.jp')")" = invalid_encoding ]
    [ "$(answers .reason --encoding windows-1252 "$(printf 'caf\351@shop.fr')")" = smtputf8_required ]
}

@test "the yen sign and the overline of Japanese charsets" {
    [ "$(printf 'a\176b@shop.jp\n\202\240\n' | answers .ascii | head -1)" = 'a~b@shop.jp' ]
    [ "$(printf 'a\033(J\176\033(Bb@shop.jp\n' | answers .ascii)" = 'a~b@shop.jp' ]
}

@test "any bytes are an answer" {
    printf 'a@shop.jp\n\377\376x@shop.jp\n\000\n\202\240@\377\n' >lines
    presend_ends 0 address --json <lines
    [ "$(jq -r .reason stdout | paste -sd' ')" = "ok invalid_encoding control_character invalid_encoding" ]
    [ "$(jq -r '.input_b64 // empty' stdout | head -1 | base64 -d | od -An -c | tr -d ' ')" = '377376x@shop.jp' ]
    says stderr "--encoding"
    head -c 2000000 /dev/urandom >lines
    for encoding in auto utf-8 cp932 euc-jp iso-2022-jp utf-16 utf-16be windows-1252; do
        presend_ends 0 address --json --encoding "$encoding" <lines
        jq -e 'select(.verdict == "x")' stdout || [ $? = 4 ]
    done
}

# The most memory that judging the file `lines` takes, in KiB.
memory() {
    python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdin=open("lines"), stdout=open("stdout", "w"), stderr=open("stderr", "w"), check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$PRESEND" address --json
}

# The same for `$1` bytes of one line and another line.
memory_of() {
    { head -c "$1" /dev/zero | tr '\0' a; printf '@shop.jp\nb@shop.jp\n'; } >lines
    memory
}

@test "many lines take no more memory than some" {
    kinds() {
        printf "user%d.name@shop%d.example.jp\nｔａｒｏ%d＠ｄｏｃｏｍｏ．ｎｅ．ｊｐ\ninfo@例え%d.jp\nTaro <t%d@gmial.com>\n\377\001%d\n\n" \
            $(seq -f "%.0f" "$1")
    }
    kinds 60000 >lines
    local usual=$(memory)
    for _ in $(seq 8); do cat lines; done >more
    mv more lines
    [ "$(memory)" -lt $((usual + usual / 5)) ]
    [ "$(wc -l <stdout)" = "$(wc -l <lines)" ]
}

@test "a very long line takes no more memory, and the next one is answered" {
    local usual=$(memory_of 1500000)
    [ "$(memory_of 100000000)" -lt $((usual + usual / 2)) ]
    [ "$(jq -r .reason stdout | paste -sd' ')" = "address_too_long ok" ]
    says stderr "Line 1 is longer"
}

@test "another program can ask line by line" {
    coproc "$PRESEND" address --json
    local pid=$COPROC_PID
    for name in one two; do
        echo "$name@shop.jp" >&"${COPROC[1]}"
        read -r -t 20 answer <&"${COPROC[0]}"
        [ "$(jq -r .ascii <<<"$answer")" = "$name@shop.jp" ]
    done
    exec {COPROC[1]}>&-
    wait "$pid"
}

@test "special use and endings are options" {
    [ "$(answers .reason taro@example.com --allow-special-use Example.com,test)" = ok ]
    [ "$(answers .reason taro@shop.test --allow-special-use example.com,test)" = ok ]
    [ "$(answers .reason taro@example.net --allow-special-use example.com,test)" = domain_special_use ]
    [ "$(answers .reason taro@example.net --allow-special-use all)" = ok ]
    [ "$(answers .reason taro@shop.neverseen)" = domain_unknown_tld ]
    [ "$(answers .reason taro@shop.neverseen --tld-file none)" = ok ]
    printf '# new\nNEVERSEEN\n' >tlds
    [ "$(answers .reason taro@shop.neverseen --tld-file tlds)" = ok ]
    [ "$(answers .reason taro@shop.jp --tld-file tlds)" = domain_unknown_tld ]
}

@test "bad options: the exit code and the word that helps" {
    presend_ends 64 address --encoding latin-nine a@shop.jp
    says stderr latin-nine
    says stderr cp932
    presend_ends 66 address --tld-file nowhere a@shop.jp
    says stderr nowhere
    for text in '' '# nothing'; do
        echo "$text" >tlds
        presend_ends 65 address --tld-file tlds a@shop.jp
        says stderr tlds
    done
    : >tlds
    presend_ends 65 address --tld-file tlds a@shop.jp
    presend_ends 64 address --allow-special-use example.com,,test a@shop.jp
    presend_ends 64 address --nonsense
    presend_ends 66 address --json --tld-file nowhere a@shop.jp
    [ "$(jq -r .error.code stdout)" = missing ]
}

@test "waiting for the keyboard: help, and an end" {
    python3 "$BATS_TEST_DIRNAME/pty_run.py" "$PRESEND" address >screen || [ $? = 64 ]
    says screen "Usage: presend address"
}

@test "an output that takes nothing is an error, not silence" {
    local got=0
    "$PRESEND" address a@shop.jp >/dev/full 2>stderr || got=$?
    [ "$got" = 74 ]
    [ -s stderr ]
}

@test "the answer does not depend on the locale" {
    printf 'Ｔaro＠例え.JP\nTITLE@I.jp\n' >lines
    presend_ends 0 address --json <lines
    cp stdout first
    for locale in C C.UTF-8 tr_TR.UTF-8 ja_JP.SJIS; do
        LC_ALL=$locale LANGUAGE=ja presend_ends 0 address --json <lines
        cmp stdout first
    done
}
