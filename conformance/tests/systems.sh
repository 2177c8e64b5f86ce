#!/bin/sh
# Every system of the guides for businesses has a scenario that is there, and every scenario of that list passes by being a test of its own.
#
#   systems.sh SOURCE_FOLDER
set -u
cd "$1" || exit 2
failed=0
for row in $(seq 1 32); do
    files=$(sed -n "s/^| $row | .* | \(\`.*\`\) |\$/\1/p" docs/systems.md | tr -d '`')
    [ -n "$files" ] || { echo "docs/systems.md: no scenario for row $row"; failed=1; }
    for file in $files; do
        [ -f "scenarios/$file" ] || { echo "docs/systems.md: row $row names scenarios/$file, which is not there"; failed=1; }
    done
done
exit $failed
