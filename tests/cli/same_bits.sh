# Threads change no bit; a resumed run equals an uninterrupted one; the seed and the shards do change it.
make_cars
train() { "$standin" train -q cars -o "$@" $tiny >/dev/null || echo "training failed"; }
images() { "$standin" generate -q "$1" -n 8 -o "$1.images" >/dev/null || echo "generating failed"; }
train one --steps 6 --threads 1
train three --steps 6 --threads 3
train parts --steps 2
"$standin" train -q --resume -o parts --steps 6 --threads 2 >/dev/null || echo "resuming failed"
train seed --steps 6 --seed 2
for run in one three parts seed; do
    images $run
done
diff -r one.images three.images && echo "threads change nothing"
diff -r one.images parts.images && echo "a break changes nothing"
cmp -s one.images/00000000.png seed.images/00000000.png || echo "the seed changes everything"
