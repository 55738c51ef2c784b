#!/bin/sh
# embed.sh BUILD CAPTURE MESON COMPILER...: what `meson install` installs is enough for a stranger.
# Installs into a temporary directory; compiles every header alone, and embed.c with nothing but
# what pkg-config says; runs that and the installed program over CAPTURE; then looks that the
# archive has no global names but sbl_* and that the man pages are there. Ends with `N passed, N
# failed`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 capture=$2 meson=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
passed=0 failed=0
warnings='-std=c11 -Wall -Wextra -Wpedantic -Werror'

check() {
    what=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $what"
        cat "$work/log"
    fi
}

headers_stand_alone() {
    for header in "$include"/smblame/*.h; do
        # shellcheck disable=SC2086  # words
        "$@" $warnings -I"$include" -fsyntax-only -x c "$header" || return 1
    done
}

compiles_and_links() {
    # shellcheck disable=SC2046,SC2086  # words
    "$@" $warnings "$here/embed.c" -o "$work/embed" $(pkg-config --cflags --libs --static smblame)
}

finds_the_refused() {
    "$work/embed" "$capture" >"$work/refused" || return 1
    cat "$work/refused"
    [ "$(grep -c ' STATUS_' "$work/refused")" = 10 ] &&
        grep -q '^kicked WS042 STATUS_ACCOUNT_EXPIRED frame 94$' "$work/refused"
}

only_public_names() {
    nm -g --defined-only "$library" >"$work/names"
    ! sed -n 's/^[0-9a-f]* [A-Za-z] //p' "$work/names" | grep -v '^sbl_' &&
        grep -q ' sbl_engine_new$' "$work/names"
}

program_runs() { "$program" "$capture" | grep -q STATUS_ACCOUNT_EXPIRED; }

pages_are_there() {
    [ -n "$(find "$work/root" -path '*/man1/smblame.1*')" ] &&
        [ -n "$(find "$work/root" -path '*/man3/libsmblame.3*')" ]
}

check 'meson install' "$meson" install -C "$build" --no-rebuild --destdir "$work/root"
[ "$failed" -eq 0 ] || exit 1
include=$(dirname "$(find "$work/root" -type d -path '*/include/smblame')")
library=$(find "$work/root" -name libsmblame.a)
program=$(find "$work/root" -path '*/bin/smblame')
description=$(find "$work/root" -name smblame.pc)
sed -i "s|^prefix=.*|prefix=$(dirname "$include")|" "$description"
PKG_CONFIG_PATH=$(dirname "$description")
export PKG_CONFIG_PATH
check 'every header compiles alone' headers_stand_alone "$@"
check 'embed.c compiles with what pkg-config says' compiles_and_links "$@"
check 'embed.c finds the ten refused logons' finds_the_refused
check 'no global names but sbl_*' only_public_names
check 'the installed program runs' program_runs
check 'the man pages are installed' pages_are_there
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
