# What is not there, or not what it should be, is named; nothing crashes.
try inspect nowhere
try train nowhere -o run
mkdir empty
try inspect empty
mkdir -p broken/cat
echo "no picture" >broken/cat/a.png
try inspect broken
make_cars 8
try inspect cars --class car-99
try train cars -o run --class car-99
try train cars -o run --size 96x17 --steps 1
try generate nowhere -o out
try generate empty -o out
try train --resume -o nowhere
try train --resume -o empty
try info nowhere
try info empty
try info cars/labels.csv
touch nothing
try info nothing
test -e out || echo "nothing was generated"
touch file
try train cars -o file $tiny --steps 1
try train cars -o file/run $tiny --steps 1
