# The program uses the public header alone; the library does not print, exit or call what is banned; the manual knows
# every option.
source=$(dirname "$script")/../..
grep -hE '^#include "' "$source"/src/cli/*.[ch] | sort -u >included
for header in $(sed 's/^#include "//; s/"$//' included); do
    [ -e "$source/src/cli/$header" ] || echo "src/cli includes $header"
done
grep -nwE 'atoi|strcpy|strcat|sprintf|vsprintf|gets|system|alloca' -r "$source/src" --include=*.c --include=*.h --include=*.inc |
    grep -vE '\* |file_sync_system' | grep -E '(atoi|strcpy|strcat|sprintf|vsprintf|gets|system|alloca) ?\('
for room in "$source"/src/*; do
    [ -d "$room" ] && [ "$(basename "$room")" != cli ] &&
        grep -nE '(^|[^a-z_])(exit|abort|_exit|printf|puts|putchar|perror) ?\(' -r "$room" --include=*.c --include=*.inc
done
for option in $(for command in make inspect train generate info recipe "classify train" "classify test" "study utility" "study augment" estimate evaluate select watch; do "$standin" help $command; done |
    grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u); do
    sed 's/\\-/-/g' "$source/man/standin.1" | grep -q -e "$option\b" || echo "the manual does not know $option"
done
echo done
