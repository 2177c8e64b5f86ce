#!/bin/sh
# The same scenarios with the same seed, twice: the journals must be the same, byte for byte. Then the journal's inputs
# alone, fed to fresh worlds, must make that journal again.
#
#   determinism.sh PROGRAM [RUN_OPTION...] PATH...
set -u
[ $# -ge 2 ] || {
    echo "usage: determinism.sh PROGRAM [RUN_OPTION...] PATH..." >&2
    exit 2
}
program=$1
shift
# A file that says `# not from a journal: reason` has inputs that no journal holds; what is sent in parallel arrives in any order.
files=
for path in "$@"; do
    case $path in
    -*) files="$files $path" ;;
    *) files="$files $(find "$path" -name '*.scn' | sort | xargs grep -L -e '^# not from a journal:' -e '^ *parallel ')" ;;
    esac
done
set -- $files
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

for turn in first second; do
    if ! "$program" run --seed 7 -j 1 --journal "$tmp/$turn" "$@" >"$tmp/said" 2>&1; then
        cat "$tmp/said"
        exit 1
    fi
done
calls=$(grep -c '"kind":"call"' "$tmp/first")
[ "$calls" -gt 0 ] || {
    echo "the journal has no call in it; this test would prove nothing"
    exit 1
}
cmp "$tmp/first" "$tmp/second" || {
    diff "$tmp/first" "$tmp/second" | head -n 4 | cut -c 1-400
    exit 1
}
"$program" replay --journal-inputs "$tmp/first" >"$tmp/said" 2>&1 || {
    tail -n 20 "$tmp/said" | cut -c 1-400
    exit 1
}
echo "$(wc -l <"$tmp/first") records, $calls calls, the same twice, and from its inputs"
