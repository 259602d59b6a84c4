# A run is trained, described, resumed and used; it is never overwritten.
make_cars
try train cars -o run $tiny --steps 4
try train cars -o run $tiny --steps 4
try train cars -o cars/run $tiny --steps 4
ls run run/samples cars
try train --resume -o run --steps 6
try info run | sed '/^  tensors/,$!d'
try info run --json | grep '"name"' | head -n 3
try train -q cars -o quiet $tiny --steps 1 >/dev/null
try train cars --class car-42 -o 'a run' $tiny --steps 1
try generate run -n 10 -o ten --grid
ls ten
cat ten/manifest.csv
try inspect ten | head -n 2
try generate run -n 10 -o ten
try generate run/checkpoint.safetensors -n 3 -o three --threads 1
cmp ten/00000002.png three/00000002.png && echo "an image does not depend on how many there are"
try generate 'a run' --per-class 3 -o one
try generate 'a run' --class bus -o none
try generate run -n 3 -o cars/images
ls one one/car-42
cat one/manifest.csv one/metadata.csv
try generate run -n 3 -o other --seed 2
cmp -s ten/00000002.png other/00000002.png || echo "another seed makes another image"
try generate run --compare beside.png
od -An -tx1 -j16 -N8 beside.png
try generate run/checkpoint.safetensors -n 3 -o none --compare none.png
ls -d none none.png 2>/dev/null || echo "nothing was made"
# A row for each class, 32 at most: 17 columns and 32 rows of 32 pixels with a line between are 560 x 1055.
"$racecars" -o crowd -n 33 --size 32 --races 2 --threads 1 >/dev/null 2>&1
find crowd -name '*.png' | sort >files
n=100
while read -r file; do
    n=$((n + 1))
    mkdir -p "many/$n" && mv "$file" "many/$n/"
done <files
printf '[networks]\nwidth-g = 4\nwidth-d = 4\nlabel-g = norm\nlabel-d = projection\n[training]\nbatch = 4\n' >labels.ini
try train -q many -o 'many run' -r labels.ini --size 32 --steps 1
try generate 'many run' --compare many.png
od -An -tx1 -j16 -N8 many.png
try train cars $tiny --dry-run | sed 's/\([a-z]\)  .*/\1/'
