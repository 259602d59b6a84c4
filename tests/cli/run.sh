#!/bin/sh
# Runs one test of the command line: run.sh TEST.sh STANDIN RACECARS
#
# A test is a script in which each `try ...` runs the program; what it says, on both channels, and how it ends must be
# what stands in TEST.expected beside it. It runs in an empty folder of its own, with `racecars` in the path.
# To accept what the program says now: UPDATE=yes run.sh ...
set -u
script=$(realpath "$1")
standin=$(realpath "$2")
racecars=$(realpath "$3")
expected=${script%.sh}.expected
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
cd -P "$room" || exit 1
room=$PWD
unset STANDIN_GOLDEN TERM COLORTERM NO_COLOR
export STANDIN_CPU=avx512 # and no tile unit: what the recipe auto chooses must not depend on the machine

try()
{
    echo "\$ standin $*"
    "$standin" "$@" 2>&1
    code=$?
    [ $code -eq 0 ] || echo "exit $code"
}

# A few small pictures of race cars in four classes.
make_cars()
{
    "$racecars" -o cars -n "${1-24}" --size 32 --races 2 --threads 1 >/dev/null 2>&1 || echo "racecars failed"
}

# CARS REAL OTHERS: so many cars; of each class the first REAL go to real/, the next OTHERS to others/, the rest to made/.
# one/ has a single class.
deal_cars()
{
    make_cars "$1"
    rm cars/labels.csv
    for class in cars/*/; do
        class=$(basename "$class")
        mkdir -p "real/$class" "others/$class" "made/$class"
        find "cars/$class" -name '*.png' | sort >files
        n=0
        while read -r file; do
            n=$((n + 1)) to=made
            if [ $n -le "$2" ]; then to=real; elif [ $n -le $(($2 + $3)) ]; then to=others; fi
            cp "$file" "$to/$class/$n.png"
        done <files
    done
    mkdir one
    cp -r real/car-09 one/
}

# Networks so small that a step takes no time.
tiny='--recipe small --size 32 --set width-g=4 --set width-d=4 --set batch=8'

# What differs from machine to machine: where the test runs, what depends on the last bit of a picture, and progress, which
# a slow one shows and a fast one has no time for.
(. "$script") 2>&1 | sed -E "/^(step [0-9]+\/[0-9]+ |[0-9]\/[0-9] .* %|[a-z ]+: [0-9]+ of [0-9]+\$)/d" | sed "s|$room/|ROOM/|g; s/\"hash\": \"[0-9a-f]*\"/\"hash\": \"...\"/; s/[0-9a-f]\{12\}\.\.\./HASH.../g" >output
if [ "${UPDATE-}" = yes ]; then
    cp output "$expected"
fi
if diff -u "$expected" output >difference; then
    echo "ok 1 - $(basename "$script")"
else
    sed 's/^/# /' difference
    echo "not ok 1 - $(basename "$script")"
    exit 1
fi
