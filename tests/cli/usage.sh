# Wrong usage ends with 2, one line and a hint.
try
try trian cars
try frobnicate
try train
try train cars
try train cars -o run --sed 2
try train cars -o run --stesp 2
try train cars -o run -x
try train cars -o run --steps
try train cars -o run --resume=yes
try train cars boats -o run
try train cars -o run --budget 10m --steps 10
try train -o run --resume --class car
try train -o run --resume --dry-run
try train -o run --resume --augment auto
try train cars -o run --set batch
try generate run
try generate
try inspect cars --colour
try info
try help trian
try recipe small dcgan
