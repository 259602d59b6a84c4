# A run is shown on this machine until it is asked to end; what is no run is named.
try watch nowhere
mkdir empty
try watch empty
try watch
try watch run --port 80
make_cars
"$standin" train -q cars -o run $tiny --steps 3 >/dev/null
for signal in INT TERM; do
    rm -f address
    "$standin" watch run >address 2>news &
    process=$!
    for moment in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ -s address ] && break
        sleep 0.1
    done
    kill -s $signal $process
    wait $process
    echo "exit $?"
    sed 's/:[0-9][0-9]*/:PORT/' address
    cat news
done
ls run
