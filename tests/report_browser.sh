#!/bin/sh
# Looks at an example report, and at the page about a training, in a browser: report_browser.sh BUILD_FOLDER [FOLDER FOR PICTURES]
# Ends with 77 if Chromium is not installed, else with 0 or 1.
set -u
here=$(dirname "$(realpath "$0")")
build=$(realpath "$1")
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
for page in report watch_page; do
    STANDIN_EXAMPLE_PAGE=$room "$build/tests/test_$page" >"$room/log" 2>&1 || { cat "$room/log"; exit 1; }
done
for page in report watch; do
    python3 "$here/report_browser.py" "$room/$page.html" "${2:-$room/pictures}/$page" || exit $?
done
