# Recipes: named, read from files, and refused with file, line and reason.
try recipe
try recipe small
try recipe nowhere.ini
try recipe small >mine.ini
sed -i 1d mine.ini
try recipe mine.ini >again.ini
sed -i 1d again.ini
cmp mine.ini again.ini && echo "a recipe that was printed reads back"
printf '[training]\nbatch = 64\nlearning-rate = 2\n' >key.ini
try recipe key.ini
printf '\nlatent = 0\n' >range.ini
try recipe range.ini
printf 'beta1 = nan\n' >nan.ini
try recipe nan.ini
printf 'batch = 4\nbatch = 4\n' >twice.ini
try recipe twice.ini
printf 'batch: four\nbatch\n' >syntax.ini
try recipe syntax.ini
head -c 100 /dev/zero >binary.ini
try recipe binary.ini
make_cars 8
try train cars -o run --set bacth=3
try train cars -o run --set leak=2
try train cars -o run --set size=65
try train cars -o run --recipe key.ini
test -e run || echo "no run was begun"
