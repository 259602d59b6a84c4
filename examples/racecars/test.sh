#!/bin/bash
# Tests of racecars as seen from outside: test.sh BINARY. The last line is "N passed, N failed".
set -u

if [ $# -ne 1 ] || [ ! -x "$1" ]; then
    echo "usage: test.sh BINARY" >&2
    exit 2
fi
binary=$(realpath "$1")
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
cd "$room" || exit 1
passed=0
failed=0

# check NAME COMMAND...: passes when the command succeeds
check() {
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name"
    fi
}

# exits STATUS ARGUMENTS...: runs the program, keeps what it says in out.txt and err.txt
exits() {
    local want=$1 got=0
    shift
    "$binary" "$@" >out.txt 2>err.txt || got=$?
    [ "$got" -eq "$want" ] || { echo "  racecars $*: exit $got, not $want"; return 1; }
}

says_one_line() {
    [ "$(wc -l <err.txt)" -eq 1 ] && grep -q "^racecars: $1" err.txt
}

same_pictures() {
    diff -r "$1" "$2" >/dev/null
}

other_pictures() {
    ! cmp -s "$1" "$2"
}

count_of() { # FOLDER WANTED
    [ "$(find "$1" -name '*.png' | wc -l)" -eq "$2" ]
}

# width, height, depth and colour type of the PNG's header: 8-bit RGB
is_square_rgb() { # FILE PIXELS
    local header
    header=$(od -An -tx1 -j16 -N10 "$1" | tr -d ' \n')
    [ "$header" = "$(printf '%08x%08x0802' "$2" "$2")" ]
}

all_square_rgb() { # FOLDER PIXELS
    local file
    while IFS= read -r file; do
        is_square_rgb "$file" "$2" || return 1
    done < <(find "$1" -name '*.png')
}

labels_match_files() { # FOLDER ROWS
    local file label group
    [ "$(wc -l <"$1/labels.csv")" -eq $(($2 + 1)) ] || return 1
    [ "$(head -n 1 "$1/labels.csv")" = "file,label,group" ] || return 1
    while IFS=, read -r file label group; do
        [ -f "$1/$file" ] && [ "$file" = "$label/$group/${file##*/}" ] || return 1
    done < <(tail -n +2 "$1/labels.csv")
}

check "it draws with one thread" exits 0 -o one -n 44 --size 64 --threads 1
check "it draws with three threads" exits 0 -o three -n 44 --size 64 --threads 3
check "the number of threads changes no bit" same_pictures one three
check "it draws as many pictures as asked" count_of one 44
for car in 09 24 42 48; do
    check "car-$car has a quarter of the pictures" count_of "one/car-$car" 11
    check "car-$car race-1 has its share" count_of "one/car-$car/race-1" 3
    check "car-$car race-5 has its share" count_of "one/car-$car/race-5" 2
done
check "pictures are 8-bit RGB of the size asked for" all_square_rgb one 64
check "labels.csv names every picture with its class and race" labels_match_files one 44
check "no half-written file is left" test -z "$(find one three -name '*.part')"

check "two races make two folders" exits 0 -o two -n 8 --size 32 --races 2
check "there is no third race" test ! -e two/car-09/race-3
check "the smallest size works" all_square_rgb two 32
check "more pictures leave the first ones as they are" exits 0 -o more -n 60 --size 64
check "the first picture is the same in a larger set" cmp -s one/car-42/race-2/00001.png more/car-42/race-2/00001.png
check "another seed draws" exits 0 -o seed -n 4 --size 64 --races 1 --seed 2
check "another seed draws other pictures" other_pictures one/car-09/race-1/00001.png seed/car-09/race-1/00001.png
check "writing again over a set works" exits 0 -o two -n 8 --size 32 --races 2
check "the default size is 224" exits 0 -o default -n 4 --races 1
check "pictures of the default size are 224 wide" all_square_rgb default 224

check "--help succeeds" exits 0 --help
check "--help shows an example" grep -q "^example: racecars" out.txt
for wrong in "-n 5" "-o x -n 0" "-o x -n five" "-o x -n 5x" "-o x --size 31" "-o x --size 1025" "-o x --races 0" \
             "-o x --races 17" "-o x --threads 0" "-o x --seed -1" "-o x --colour red" "-o x -n" "-o x stray"; do
    # shellcheck disable=SC2086 # the words are meant to be split
    check "wrong usage '$wrong' exits 2" exits 2 $wrong
    check "wrong usage '$wrong' says one line" says_one_line ""
done
check "wrong usage writes nothing" test ! -e x

touch file
check "a file in the way exits 1" exits 1 -o file -n 4 --size 32
check "a file in the way is named" says_one_line "cannot make folder 'file"
check "a folder that cannot be made exits 1" exits 1 -o /proc/none -n 4 --size 32
check "a folder that cannot be made is named" says_one_line "cannot make folder '/proc/none'"
mkdir -p blocked/car-09/race-1/00001.png
check "a picture that cannot be written exits 1" exits 1 -o blocked -n 4 --size 32 --races 1
check "a picture that cannot be written is named" says_one_line "cannot write 'blocked/car-09/race-1/00001.png'"
check "a set that failed has no labels.csv" test ! -e blocked/labels.csv
if [ "$(id -u)" -ne 0 ]; then # root may write anywhere
    mkdir locked && chmod 555 locked
    check "a folder without permission exits 1" exits 1 -o locked -n 4 --size 32
    check "a folder without permission says one line" says_one_line "cannot make folder"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
