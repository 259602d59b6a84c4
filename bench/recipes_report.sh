# The section of docs/results.md that bench/recipes writes; read by it with `.`, for its functions and variables.
# shellcheck shell=sh disable=SC2154 # variables of bench/recipes

real() # of the dataset of the arm that was read: its TRTR, or nothing
{
    awk '{ print $1 }' "$work/arms/real-$dataset/done" 2>/dev/null || :
}

share() # of TRTR that the arm that was read reaches, in per cent, or nothing
{
    [ -z "$(real)" ] || calculate %.1f "100 * $(field 1) / $(real)"
}

setting() # KEY: of the run's recipe
{
    sed -n "s/^$1 = //p" "$unit/run/recipe.ini"
}

row()
{
    reached=$(share)
    echo "$name $dataset $minutes $(cat "$unit/steps") $(setting batch) $(setting steps-d) $(cat "$unit/step-seconds")" \
        "$(cat "$unit/done") ${reached:--}" | awk -v what="$recipe${settings:+, $settings}" -v classifiers="$(echo "$seeds" | wc -w)" '{
            spread = classifiers > 1 ? sprintf(" ± %.1f", 100 * $9) : ""
            printf "| %s | %s | %s | %s | %d | %d | %.4f | %.1f%s | %s | %.1f | %.1f |\n", $1, what, $2, $3, $4,
                $4 * $5 * $6, $7, 100 * $8, spread, ($14 == "-" ? "-" : $14 " %"), 100 * $12, 100 * $10
        }'
}

# Arms that differ in nothing but the seed.
seeds_table()
{
    for name in $(names); do
        read_line "$name"
        [ -e "$unit/done" ] && [ "$recipe" != real ] || continue
        echo "$(field 1) $dataset, $minutes minutes: $recipe${settings:+, $settings}"
    done | awk '
        { value = $1; sub(/^[^ ]* /, ""); if (!($0 in n)) order[++kinds] = $0; n[$0]++; sum[$0] += value; square[$0] += value ^ 2 }
        END {
            for (i = 1; i <= kinds; i++) {
                k = order[i]
                if (n[k] < 2)
                    continue
                if (!head++)
                    print "\n| with several seeds of the GAN | seeds | TSTR, mean ± spread of them |\n|---|---|---|"
                mean = sum[k] / n[k]
                spread = (square[k] - n[k] * mean ^ 2) / (n[k] - 1)
                printf "| %s | %d | %.1f ± %.1f |\n", k, n[k], 100 * mean, 100 * sqrt(spread > 0 ? spread : 0)
            }
        }'
}

target() # TEXT ARMS SHARE [TSTR]: in per cent; by the first of the arms that is done
{
    goal=">= $3 % of TRTR${4:+ and TSTR >= $4 %}"
    for arm in $2; do
        read_line "$arm" && [ -e "$unit/done" ] && [ "$(real)" ] || continue
        calculate '| %s | %s | %s: %.1f %% of %.1f %%, %.1f %% | %s |' "\"$1\", \"$goal\", \"$arm\", 100 * $(field 1), 100 * $(real), \
            $(share), ($(share) >= $3 && 100 * $(field 1) >= ${4:-0} ? \"reached\" : \"**missed**\")"
        return
    done
    echo "| $1 | $goal | - | not run |"
}

# One classifier has no spread.
of_classifiers()
{
    count=$(echo "$seeds" | wc -w)
    [ "$count" -gt 1 ] && echo "mean and standard deviation of $count classifiers" || echo "of one classifier"
}

paper_hours()
{
    read_line wp-cgan && [ -n "$(step_seconds)" ] || { echo '-'; return; }
    calculate '%.1f hours' "12400 * 60 / 32 * $(step_seconds) / 3600"
}

section()
{
    cat <<END
## Recipes

Written by \`bench/recipes\`; run it again with your own folder of data.
${NOTE:-}
Machine: $machine, $(uname -s).
END
    [ "$scale" = 1 ] || echo "**A trial: minutes and the classifier's steps were multiplied by $scale.**"
    cat <<END

TSTR is the accuracy of a classifier that was trained on synthetic images alone, tested on real images that neither it nor
the GAN has seen: in per cent, $(of_classifiers). It learns from as many images a class as the
set has real training images on average. TRTR is the same classifier, trained on the real training images. An arm's
minutes are those of a machine with nothing else to do: the time of a step was measured once, on $processors processors, and made
steps of the minutes. The last column, the same classifiers' accuracy on the real *training* images, is what arms are
chosen by. On vehicles, blood-cells and mednist the last fifth of each class's files is the test; of the rendered cars it
is $test_race.

| real images | to train on | classes | TRTR |
|---|---|---|---|
END
    for name in $(names); do
        read_line "$name"
        [ "$recipe" = real ] && [ -e "$unit/done" ] || continue
        echo "$dataset $(cat "$work/data/$dataset/size") $(cat "$unit/done")" |
            awk -v classifiers="$(echo "$seeds" | wc -w)" '{
                spread = classifiers > 1 ? sprintf(" ± %.1f", 100 * $5) : ""
                printf "| %s | %d | %d | %.1f%s |\n", $1, $2, $3, 100 * $4, spread
            }'
    done
    cat <<END

| arm | recipe | images | minutes | steps | images seen | s a step | TSTR | share of TRTR | TSTR, $more_images a class | on training images |
|---|---|---|---|---|---|---|---|---|---|---|
END
    unfinished=''
    for name in $(names); do
        read_line "$name"
        if [ ! -e "$unit/done" ]; then
            unfinished="$unfinished
- $name: $(state)"
        elif [ "$recipe" != real ]; then
            row
        fi
    done
    seeds_table
    [ -z "$unfinished" ] || printf '\nNot finished:\n%s\n' "$unfinished"
    cat <<END

| target | | reached | |
|---|---|---|---|
$(target 'vehicles, 6 classes, 60 minutes' auto-60 90)
$(target 'rendered cars, 4 classes, 30 minutes (white paper: 89.6 %)' cars-auto-30 95 90)
$(target 'mednist, 60 minutes' 'mednist-auto-60 mednist-auto-10' 97)
$(target 'blood-cells, 60 minutes' 'blood-cells-auto-60 blood-cells-auto-10' 95)
$(target 'fashion-mnist, 60 minutes' 'fashion-mnist-auto-60 fashion-mnist-auto-10' 93)
$(target 'vehicles, 30 minutes (a plain PyTorch SN-ResNet: 46 % of 89 %)' auto-30 75)
| the white paper's CGAN run: 12,400 images, 60 epochs, batch 32, 64x64 | hours | $(paper_hours) | from the time of a step |

The first 8 images of each class, seed 1: random, not picked.
END
    for name in $(names); do
        read_line "$name"
        [ -e "$unit/done" ] && [ -e "$unit/sheet.png" ] || continue
        cp "$unit/sheet.png" "$docs/pictures/recipes-$name.png"
        printf '\n**%s**, TSTR %s\n\n![](pictures/recipes-%s.png)\n' "$name" "$(calculate '%.1f %%' "100 * $(field 1)")" "$name"
    done
}

report()
{
    mkdir -p "$docs/pictures"
    # shellcheck disable=SC2034 # for names(): the section has all arms
    wanted=''
    section > "$work/section.md"
    put_section bench/recipes "$docs/results.md" < "$work/section.md"
    say "wrote $docs/results.md"
}
