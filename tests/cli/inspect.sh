# inspect says what is there, and what is wrong with it.
make_cars
cp cars/car-09/race-1/00001.png cars/car-24/race-1/copy.png
head -c 300 cars/car-42/race-1/00001.png >cars/car-42/race-1/cut.png
echo text >cars/car-42/race-1/text.jpg
rm cars/labels.csv
try inspect cars
try inspect cars --class car-24
try inspect cars --size 16 --sheet sheet.png
# 8 columns and 4 rows of 16 pixels with a line between: 135 x 67
od -An -tx1 -j16 -N8 sheet.png
try inspect cars --json

# columns count letters, and what others named does not speak to the terminal
mkdir -p names/Größe/Läufe
cp cars/car-09/race-1/00001.png names/Größe/Läufe/1.png
cp cars/car-09/race-1/00001.png "names/Größe/Läufe/$(printf 'two\nlines').png"
echo text >"names/Größe/Läufe/$(printf 'escape\033[31m').png"
try inspect names
