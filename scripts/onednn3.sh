#!/bin/sh
# Builds with oneDNN 3 from Debian 13, beside the oneDNN 2 of Debian 12, and runs with it the tests that compute:
#     onednn3.sh FOLDER
# Nothing is installed: the packages are unpacked into FOLDER. They need a newer C library than this system's, which
# comes along, and under whose loader the tests run. Ends with 2 if the packages cannot be had (no network, no apt).
set -u
folder=$1
release=trixie
keys=/usr/share/keyrings/debian-archive-keyring.gpg
computing='kernels programs plan golden training_step'

command -v apt-get >/dev/null || exit 2
# wherever this system gets its own packages from
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v security | head -n 1)
[ -n "$mirror" ] || exit 2
mkdir -p "$folder/lists/partial" "$folder/archives/partial"
packages=$(cd "$folder" && pwd)
root=$packages/root

# apt-get or apt-cache with lists of its own, that leaves the system's alone
other_apt()
{
    command=$1
    shift
    "$command" -o "Dir::Etc::SourceList=$packages/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State::Lists=$packages/lists" -o Dir::State::status=/dev/null \
        -o "Dir::Cache::archives=$packages/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
        -o APT::Sandbox::User= "$@" 2>>"$packages/apt.log"
}

if [ ! -d "$root" ]; then
    echo "deb [signed-by=$keys] $mirror $release main" >"$packages/sources.list"
    other_apt apt-get -qq update || exit 2
    library=$(other_apt apt-cache depends libdnnl-dev | awk '/Depends: libdnnl/ { print $2 }')
    (cd "$packages/archives" &&
        other_apt apt-get -qq download libdnnl-dev "$library" libc6 libstdc++6 libgcc-s1 libgomp1) || exit 2
    rm -rf "$root.new"
    for package in "$packages"/archives/*.deb; do
        dpkg-deb -x "$package" "$root.new" || exit 1
    done
    mv "$root.new" "$root"
fi

libraries=$(dirname "$(find "$root" -name 'libdnnl.so')")
loader=$(find "$root/usr" -name 'ld-linux*.so.*' | head -n 1)
if [ ! -f "$packages/build/build.ninja" ]; then
    meson setup "$packages/build" "-Dc_args=-I$root/usr/include" \
        "-Dc_link_args=-L$libraries -Wl,--allow-shlib-undefined" >"$packages/setup.log" 2>&1 ||
        { cat "$packages/setup.log"; exit 1; }
fi
ninja -C "$packages/build" >"$packages/build.log" 2>&1 || { cat "$packages/build.log"; exit 1; }
# shellcheck disable=SC2086 # a list of words
meson test -C "$packages/build" --no-rebuild --print-errorlogs --timeout-multiplier 2 \
    --wrapper "$loader --library-path $libraries:/usr/lib/$(basename "$libraries")" $computing >"$packages/test.log" 2>&1 ||
    { cat "$packages/test.log"; exit 1; }
echo "oneDNN $(sed -n 's/^#define DNNL_VERSION_M[AI][JN]OR //p' "$root"/usr/include/oneapi/dnnl/dnnl_version.h |
    paste -sd .): the tests that compute pass"
