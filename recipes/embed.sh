#!/bin/sh
# Writes the recipe files into one C file, so that the program needs none of them at run time:
#     embed.sh OUTPUT.c FILE.ini...
# The table that it defines is declared in src/train/recipe_builtin.h.
set -eu
output=$1
shift
{
    echo '#include "train/recipe_builtin.h"'
    echo
    echo 'const struct recipe_builtin recipe_builtins[] = {'
    for file; do
        name=${file##*/}
        printf '    {"%s",\n' "${name%.ini}"
        awk '
            { gsub(/\\/, "\\\\"); gsub(/"/, "\\\"") }
            NR == 1 { summary = $0; sub(/^# */, "", summary); printf "     \"%s\",\n", summary }
            { printf "     \"%s\\n\"\n", $0 }' "$file"
        echo '    },'
    done
    echo '    {0, 0, 0},'
    echo '};'
} >"$output"
