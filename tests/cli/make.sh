# The whole job: what it refuses, that it goes on after a kill, does nothing twice, and hands out nothing private.
make_cars 96
labelled="$tiny --set label-g=norm --set label-d=projection"
job="make cars -o share $labelled --gan-steps 3 --steps 2 --seeds 1 --per-class 12"

try make cars
try make nowhere -o share
try make cars -o cars/share
try make cars -o share -w share/private
try make cars -o share $tiny --gan-steps 1
mkdir mine && touch mine/letter
try make cars -o mine
try make cars -o share -w mine
"$racecars" -o few -n 24 --size 32 --races 2 --threads 1 >/dev/null
try make few -o share
"$racecars" -o "one race" -n 48 --size 32 --races 1 --threads 1 >/dev/null
try make "one race" -o share
ls

# what others have there is neither emptied nor taken for the set, nor waited for
mkdir share.part && touch share.part/manifest.csv
try $job
ls share.part
rm -r share.part && touch share.part
try $job
rm share.part && mkdir share.part
mkdir piped && mkfifo piped/settings.json
try make cars -o share -w piped

# of the names beside SHARE only SHARE.part is taken, so that a kill leaves nothing else
mkdir share.part.part && touch share.part.part/letter

# starts it, and sends a signal as soon as it is at work and this file is in the work folder, maybe from before
stop_at()
{
    "$standin" $job >out 2>&1 &
    process=$!
    for moment in $(seq 600); do
        [ -e "share.private/$2" ] && grep -q '^[0-9]/7' out && break
        sleep 0.1
    done
    kill -s "$1" $process
    wait $process 2>/dev/null
    echo "exit $?"
}
stop_at KILL trained.json
[ -e share ] && echo "there is a share already"
stop_at TERM evaluation
tail -n 1 out
[ -e share ] && echo "there is a share already"

"$standin" $job >out 2>err || echo "exit $?"
grep -x '3/7 train: is done' err
grep -c 'classifier that saw only synthetic images' out
grep -c '^actual in rows' out
tail -n 5 out
ls share share/car-24
ls share.private
find share -type f | wc -l
sed -n '/^  "training"/,/^  "/p' share/report.json | grep -oE '^    "[a-z_]+": (3|\{|\[)|^      "network": .*'
[ -e share.part ] && echo "the part is still there"
ls share.part.part
sed -n '/^  "taken"/,/^  "/p; /^    "expected"/,/^    }/p' share/report.json | grep -oE '^ +"[a-z]+": ("small")?'
grep -oE '<th scope="row">(in all|training|generation|evaluation|utility study)</th>' share/report.html
grep -l -e "$room" -r share
grep -c 'data-name="real"' share/report.html share.private/report.html

cp -a share before
"$standin" $job 2>err >again
cat err
diff out again && diff -r share before && echo "the second time changes nothing"
mkdir others.part && touch others.part/manifest.csv
try make cars -o others -w share.private $labelled --gan-steps 3 --steps 2 --seeds 1 --per-class 12
ls others.part
try $job --json | grep -c '"kind": "evaluation"'
try $job --seed 2
try make cars -o share $labelled --gan-steps 4 --steps 2 --seeds 1 --per-class 12
try make cars -o share $labelled --size 64 --gan-steps 3 --steps 2 --seeds 1 --per-class 12
rm cars/car-09/race-1/00001.png
try $job
mv share elsewhere
mkdir share && touch share/letter
try $job
