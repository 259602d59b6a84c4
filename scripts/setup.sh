# What check and demo have in common; sourced by both, with the project's folder as the current one.
#   install_packages       installs what the build needs and the machine lacks
#   build_into FOLDER ...  configures a build folder, with these Meson options, and builds everything in it

packages='gcc libc6-dev meson ninja-build pkg-config
    libdnnl-dev libopenblas-dev libvips-dev libjansson-dev libinih-dev zlib1g-dev libchafa-dev libmicrohttpd-dev
    libcmocka-dev'

fail()
{
    echo "${0##*/}: $*" >&2
    exit 1
}

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "cannot install packages: neither root nor sudo. Please install: $missing"
    fi
}

install_packages()
{
    command -v dpkg-query >/dev/null || return 0 # another distribution: Meson says what it does not find
    missing=
    for package in $packages; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
            'install ok installed') ;;
            *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    echo "installing:$missing"
    as_root apt-get update -qq || fail "cannot read the package lists"
    # shellcheck disable=SC2086 # a list of words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing \
        >/dev/null || fail "cannot install:$missing"
}

build_into()
{
    build_folder=$1
    shift
    if [ ! -f "$build_folder/build.ninja" ]; then
        meson setup "$@" "$build_folder" >"$build_folder.log" 2>&1 ||
            { cat "$build_folder.log" >&2; fail "cannot configure $build_folder"; }
    fi
    ninja -C "$build_folder" >"$build_folder.log" 2>&1 ||
        { grep -E 'error:|warning:|undefined reference|multiple definition' "$build_folder.log" >&2; fail "cannot build; see $build_folder.log"; }
}
