# Checkpoints that are damaged or foreign are refused by name.
make_cars 8
try train -q cars -o run $tiny --steps 1
mkdir cut flipped foreign
head -c 5000 run/checkpoint.safetensors >cut/checkpoint.safetensors
try generate cut -o out
try info cut
size=$(wc -c <run/checkpoint.safetensors)
head -c $((size - 100)) run/checkpoint.safetensors >flipped/checkpoint.safetensors
head -c 100 /dev/zero | tr '\0' '\177' >>flipped/checkpoint.safetensors
try generate flipped -o out
printf '\013\000\000\000\000\000\000\000{"a":"b"}  ' >foreign/checkpoint.safetensors
try generate foreign -o out
printf '\002\000\000\000\000\000\000\000{}' >foreign/checkpoint.safetensors
try generate foreign -o out
try info foreign
printf '\377\377\377\377\377\377\377\177{}' >foreign/checkpoint.safetensors
try info foreign
cp run/run.json flipped
try train --resume -o flipped --steps 2 2>&1
rm -r cars/car-09
try train --resume -o run --steps 2 2>&1
rm -r cars
try train --resume -o run --steps 2 2>&1
echo '{' >run/run.json
try train --resume -o run
test -e out || echo "nothing was generated"
