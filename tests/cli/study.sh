# Studies on a few small pictures: what they say depends on the machine's last bits, so only that it is there is looked at.
deal_cars 48 6 2
few='--steps 1 --seeds 1 -t 1 -q'
printf '[networks]\nwidth-g = 4\nwidth-d = 4\nlabel-g = norm\nlabel-d = projection\n[training]\nbatch = 4\n' >tiny.ini
generators="-r tiny.ini --size 32 --gan-steps 1 --times 1"
keys() { grep -oE '^  "[a-z_]+"' "$@" | grep -vE '"(seconds|saturates_at)"' | tr -d '"' | tr '\n' ' '; echo; sed -n 's/^      "\(name\|synthetic\|images\)": \(.*\),$/\1 \2/p' "$@"; }
try study utility real made --test others $few -w work --json >json
keys json
[ -e work/trtr-1.safetensors ] && rm work/*.safetensors
try study utility real made --test others $few -w work -o study.json | sed -n 's/^\(TSTR\|TRTR + S\|copycat\)  .*/a row \1/p'
ls work/*.safetensors 2>/dev/null || echo "nothing was trained again"
keys study.json | head -n 1
try study augment real --folds 2 $generators $few -w augment --json >json
keys json
ls -d augment/generator-?
try estimate real --test others -r tiny.ini --size 32 --gan-steps 1 $few --target 5% | sed -n 's/^\(How [a-z ]*\):.*/\1/p'
try study utility real real --test real $few
try study utility real made --test others/car-09 $few
try study utility real one --test others $few
try study utility one one --test others $few
try study utility real made --folds 7 $few
try study utility real
try study augment real
try study augment real --real 100 -w w $few
try study augment real -w w --budget 5m --gan-steps 5
try estimate real --target 95
try estimate real --gan
try study augment real -r small --gan-steps 1 -w none $few
try estimate real --test others --gan -r small --gan-steps 1 -w none $few
try estimate real --test others --gan -r smal --gan-steps 1 -w none $few
test -e none || echo "no work was begun"
try estimate real --folds 3
# A report: one page, whole, with the curve and pictures that were made, and none of the real ones.
page()
{
    grep -oE '<section id="[a-z]+"|<p class="plot-title">[^<]*|data-name="(real|synthetic)"|^</html>$' "$1" | sort -u
}
try study utility real made --test others $few -w work -o study.html --json | grep -c '"kind": "utility"'
page study.html
: >elsewhere.html && ln -s elsewhere.html estimate.html
try estimate real --test others -r tiny.ini --size 32 --gan-steps 1 $few --target 5% -o estimate.html >/dev/null
[ -L estimate.html ] && page elsewhere.html
try study augment real --folds 2 $generators $few -w augment -o augment.html >/dev/null
page augment.html
try study utility real made --test others $few -w work -o no/study.html | grep '^\(standin:\|exit\)'
