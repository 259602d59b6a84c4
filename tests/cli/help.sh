# Help goes to stdout and is no error.
try --version
try --help
try help
try help >help-alone
for word in help --help -h; do
    try help $word | diff -I '^\$' help-alone - && echo "help $word says the same"
done
for command in inspect train generate info recipe; do
    try help $command
done
try train --help >help-by-option
try help train >help-by-command
diff -I '^\$' help-by-option help-by-command && echo "both ways say the same"
