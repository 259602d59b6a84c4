# The first signal saves and says how to go on; the run can be resumed.
make_cars
for signal in INT TERM; do
    "$standin" train cars -o "run $signal" $tiny --steps 1000000 >out 2>&1 &
    process=$!
    for moment in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ -e "run $signal/metrics.jsonl" ] && break
        sleep 0.5
    done
    kill -s $signal $process
    wait $process
    echo "exit $?"
    sed 's/step [0-9]*/step N/' out
    try train --resume -o "run $signal" --steps $(($(sed -n 's/.*stopped at step //p' out) + 1)) | sed 's/--steps [0-9]*/--steps N/'
done

# A set that is stopped or killed leaves nothing under its name, and the same command makes it whole.
stop_making()
{
    "$standin" generate 'run INT' -n 1000000 -o made >out 2>&1 &
    process=$!
    for moment in $(seq 100); do
        [ -e made.part/00000000.png ] && break
        sleep 0.1
    done
    kill -s $1 $process
    wait $process 2>/dev/null
    echo "exit $?"
    sed -n 's/stopped after [0-9]*/stopped after N/p' out
    ls -d made*
}
stop_making TERM
stop_making KILL
try generate 'run INT' -n 10 -o made
ls -d made*
ls -A made | wc -l

# Whoever asks what a large network would take need not wait for the end of its slow steps.
"$standin" train cars --recipe wp-sngan --dry-run --threads 1 >out 2>&1 &
process=$!
for moment in $(seq 300); do
    grep -q timing out && break
    sleep 0.1
done
kill -s TERM $process
wait $process 2>/dev/null
echo "exit $?"
cat out
