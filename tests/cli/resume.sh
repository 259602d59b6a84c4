# A run goes on as it was begun: other settings, another seed, other images are refused with the difference.
make_cars
try train -q cars -o run $tiny --steps 1
try train --resume -o run $tiny --steps 2
try train --resume -o run
try train --resume -o run --steps 1
try train cars --resume -o run $tiny --set steps=7 --seed 1 --shards 8 --steps 2
try train --resume -o run $tiny --set batch=16 --set leak=0.3
try train --resume -o run --set batch=16
try train --resume -o run --size 64
try train --resume -o run --recipe wp-cgan
try train --resume -o run --recipe auto
try train --resume -o run --augment mirror
try train --resume -o run --seed 2
try train --resume -o run --shards 4

cp run/recipe.ini begun.ini
sed 's/^leak = .*/leak = 0.3/' begun.ini >run/recipe.ini
try train --resume -o run --steps 3
sed 's/^leak = .*/leak = much/' begun.ini >run/recipe.ini
try train --resume -o run --steps 3
cp begun.ini run/recipe.ini

"$standin" train -q cars -o fitted --recipe auto --size 32 --set width-g=4 --set width-d=4 --steps 1 >/dev/null
try train -q --resume -o fitted --recipe auto --steps 2
try train -q --resume -o fitted --recipe auto --set width-g=8 --steps 2

mv cars moved
try train --resume -o run --steps 3
try train -q moved --resume -o run --steps 3
try train -q --resume -o run --steps 4
try generate run -q --compare sheet.png
mv moved cars
try train -q cars --resume -o run

rm cars/labels.csv
mv cars/car-09 cars/car-10
try train --resume -o run --steps 3
mv cars/car-10 cars/car-09
cp -r cars/car-09 cars/car-10
try train --resume -o run --steps 3
rm -r cars/car-10
rm "$(find cars/car-09 -name '*.png' | sort | head -n 1)"
try train --resume -o run --steps 3
