# A classifier is trained and tested; what it cannot do it says. Shares depend on the machine's last bits: only that they
# are there is looked at.
make_cars
rm cars/labels.csv
shares() { sed -E 's/ +[0-9.]+ %/ N %/g; s/\([0-9]+ of/(N of/; s/interval [0-9.]+ to/interval N to/'; }
try classify train cars -o cars.model --steps 2 -t 1
try classify train -q cars -o same.model --steps 2 -t 2
cmp cars.model same.model && echo "two threads give the same bits"
try classify train -q cars -o other.model --steps 2 --seed 2 --mirror --augment none --size 28x32 --profile profile
cmp -s cars.model other.model || echo "another seed gives another classifier"
grep -c 'GF/s' profile >/dev/null && echo "a profile"
try classify test cars.model cars -o confusion.png | shares | sed '/^class/,$d'
try classify test cars.model cars | awk '/^class/ { rows = 1 } rows { print $1, $2 } /^$/ { rows = 0 }'
od -An -tx1 -N8 confusion.png
try classify test other.model cars --json | grep -E '"(name|images)"'
mkdir -p part empty single/car-09 strange/zebra
cp -r cars/car-42 part/
cp cars/car-09/race-1/*.png single/car-09/
cp cars/car-09/race-1/*.png strange/zebra/
try classify test cars.model part | sed -n 's/^car-42 *\([0-9]*\).*/\1 images of car-42/p'
try classify train single -o single.model
try classify train cars --first part -o begun.model --steps 2
cmp -s cars.model begun.model || echo "what it begins with makes another classifier"
try classify train cars --first strange -o none.model --steps 2
try classify train cars
try classify train cars -o cars.model --augment strong
try classify train cars -o missing/folder.model --steps 1
try classify test cars.model
try classify test cars.model cars part
try classify test cars.model empty
try classify test cars.model strange
try classify test none.model cars
try classify test cars cars
echo text >text.model
head -c 5000 cars.model >cut.model
try classify test text.model cars
try classify test cut.model cars
try train -q cars -o run $tiny --steps 1
try classify test run cars
try generate cars.model -n 1 -o images
try info cars.model | sed '/dataset/d'
try classify
try classify tset
try classify --help
try classify test --help
