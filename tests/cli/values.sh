# Absurd values are refused before any work, with the range that is allowed.
for size in 0 7 4097 64x 64x7 x64 -64 sixty 64.5 99999999999999999999 ''; do
    try inspect cars --size "$size"
done
for budget in 0s 10 -5m nanm infh 1e9h 10d ''; do
    try train cars -o run --budget "$budget"
done
for steps in 0 -1 1.5 1000000001 ten; do
    try train cars -o run --steps "$steps"
done
for seed in -1 18446744073709551616 0x10 one; do
    try train cars -o run --seed "$seed"
done
try train cars -o run --threads 0
try train cars -o run --threads 257
try train cars -o run --shards 65
try generate run -o out -n 0
try generate run -o out -n 100000001
try inspect cars --fit squash
try inspect cars --class ''
# What is written is PNG, whatever the name says.
try inspect cars --sheet sheet.jpg
try inspect cars --augmented sheet.WebP
try generate run --compare beside.jpeg
try classify test model cars -o confusion.gif
