# Output that cannot be written is an error.
[ -e /dev/full ] && "$standin" recipe small 2>&1 >/dev/full
echo "exit $?"
