# Evaluations and selections of a few small pictures: numbers depend on the machine's last bits, so only what is there is looked at.
deal_cars 60 5 5
few='--steps 1 -t 1 -q'
names() { sed -nE 's/^ +"(name|refused|verdict|worst)": (.*[^,]),?$/\1 \2/p' "$@" | grep -v 'name "car'; }
try evaluate real made --train real --holdout others $few -w work --json >json
names json
[ -e work/classifier-1.safetensors ] && rm work/*.safetensors.json
ln -s document.json evaluation.json
try evaluate real made --train real --holdout others $few -w work -o evaluation.json | sed -nE 's/^(Evaluation|image measures|set measures|class|privacy)\b.*/a part \1/p'
names evaluation.json >again; names json | cmp - again && [ -L evaluation.json ] && echo "the same, and still a link"
try evaluate one made $few | sed -n 's/^  - \(Class .*\)/\1/p' | head -n 2
try select made --by ssim --against real -o chosen $few | sed -nE 's/^(Selection|kept|before|after)\b.*/a part \1/p'
ls chosen
sed '2,$d' chosen/manifest.csv chosen/metadata.csv
wc -l <chosen/manifest.csv
ls -d chosen.* 2>/dev/null
try select made --by ssim --against real -o chosen $few
try select made --by beauty --against real -o other $few
try select made --against real -o other $few
try select made --by ssim -o other $few
try select made --by ssim --against real $few
try select made --by classifier --against one -o other $few
try select made --by ssim --against real --keep 1.5 -o other $few
try evaluate real
try evaluate real made --holdout real $few
try evaluate real made -w made/work $few
try evaluate real made --train
try help evaluate
try help select
try evaluate real made --train real --holdout others $few -w work -o evaluation.html >/dev/null
grep -oE '<section id="[a-z]+"|data-name="(real|synthetic)"' evaluation.html | sort -u
grep -c 'src="data:image/png' evaluation.html
