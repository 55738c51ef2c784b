#!/bin/sh
# one_object.sh ARCHIVE OUT COMPILER...: the archive's objects joined to one, whose only global
# names are those of the public interface, alone in the archive OUT. The compiler joins, because
# with -flto the objects hold no machine code yet.
set -eu
archive=$1 out=$2
shift 2
rm -f "$out" "$out.o"
"$@" -r -nostdlib -Wl,--whole-archive "$archive" -Wl,--no-whole-archive -o "$out.o"
objcopy --wildcard --keep-global-symbol='sbl_*' "$out.o"
ar rcs "$out" "$out.o"
rm -f "$out.o"
