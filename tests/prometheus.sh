#!/bin/sh
# Puts Prometheus' own programs where the tests look for them: on PATH, or in
# .cache/prometheus/usr/bin. Debian's packages are unpacked, not installed: that
# needs no root, and starts no server on this machine.
set -eu
cd "$(dirname "$0")/.."

home=$PWD/.cache/prometheus
apt=$PWD/.cache/apt
PATH=$PATH:$home/usr/bin

work() {
    for program; do "$program" --version >/dev/null 2>&1 || return 1; done
}

# The sandbox user of a root's apt-get could not write here.
apt_get() {
    apt-get -qq -o APT::Sandbox::User=root "$@"
}

# The machine's package lists may be missing or out of date, and renewing those
# takes root: these are our own.
own_apt_get() {
    apt_get -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt" -o Acquire::Languages=none "$@"
}

download() {
    rm -rf "$apt"
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    cd "$apt"
    apt_get download "$1" 2>/dev/null || { own_apt_get update && own_apt_get download "$1"; }
}

# provide PACKAGE PROGRAM...
provide() {
    package=$1
    shift
    if work "$@"; then return; fi
    echo "Fetching $* from Debian's package $package into .cache."
    if (download "$package") && dpkg-deb -x "$apt/$package"_*.deb "$home" && work "$@"; then
        rm -rf "$apt"
        return
    fi
    # Once more in the open: a missing shared library is named here.
    for program; do "$program" --version >/dev/null || true; done
    echo "$* cannot be had: the tests that run them are skipped." >&2
    [ "${CI:-}" != true ]
}

# Others may be named: a package and its programs.
if [ $# -gt 0 ]; then
    provide "$@"
else
    provide prometheus prometheus promtool
    provide prometheus-alertmanager prometheus-alertmanager amtool
fi
