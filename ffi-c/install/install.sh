#!/bin/sh
# Installs a built libbidden: sh install.sh FOLDER-WITH-THE-LIBRARIES, with PREFIX, LIBDIR, INCLUDEDIR and DESTDIR from the
# environment. Called by `make install`.
set -eu
built=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
headers=$here/../../include
prefix=${PREFIX:-/usr/local}
# As GNUInstallDirs has it: under /usr a Debian keeps libraries in a folder of the machine's kind, everybody else in lib.
kind=
if [ "$prefix" = /usr ] && [ -e /etc/debian_version ]; then
    kind=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || ${CC:-cc} -print-multiarch 2>/dev/null || true)
fi
libdir=${LIBDIR:-$prefix/lib${kind:+/$kind}}
includedir=${INCLUDEDIR:-$prefix/include}
stage=${DESTDIR:-}

# The header's macros are tested against Cargo.toml and the running library.
macro() { sed -n "s/^#define $1 \"\{0,1\}\([0-9.]*\)\"\{0,1\}\$/\1/p" "$headers/bidden.h"; }
version=$(macro BIDDEN_VERSION_STRING)
abi=$(macro BIDDEN_ABI_VERSION)
[ -n "$version" ] && [ -n "$abi" ] || { echo "bidden.h names no version" >&2; exit 1; }

fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@ABI@|$abi|g" -e "s|@PREFIX@|$prefix|g" -e "s|@LIBDIR@|$libdir|g" \
        -e "s|@INCLUDEDIR@|$includedir|g" "$here/$1"
}

mkdir -p "$stage$libdir/pkgconfig" "$stage$libdir/cmake/bidden" "$stage$includedir"
install -m 644 "$headers/bidden.h" "$headers/bidden.hpp" "$stage$includedir/"
install -m 644 "$built/libbidden.a" "$stage$libdir/libbidden.a"
case $(uname -s) in
Darwin)
    install -m 755 "$built/libbidden.dylib" "$stage$libdir/libbidden.$abi.dylib"
    ln -sf "libbidden.$abi.dylib" "$stage$libdir/libbidden.dylib"
    ;;
*)
    install -m 755 "$built/libbidden.so" "$stage$libdir/libbidden.so.$version"
    ln -sf "libbidden.so.$version" "$stage$libdir/libbidden.so.$abi"
    ln -sf "libbidden.so.$abi" "$stage$libdir/libbidden.so"
    ;;
esac
fill bidden.pc.in >"$stage$libdir/pkgconfig/bidden.pc"
fill bidden-config.cmake.in >"$stage$libdir/cmake/bidden/bidden-config.cmake"
fill bidden-config-version.cmake.in >"$stage$libdir/cmake/bidden/bidden-config-version.cmake"
echo "installed libbidden $version (ABI $abi) under $stage$prefix"
