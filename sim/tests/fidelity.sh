#!/bin/sh
# docs/fidelity.md is what the tables say today, and does not depend on the day.
#
#   fidelity.sh PROGRAM docs/fidelity.md
set -u
[ $# -eq 2 ] || {
    echo "usage: fidelity.sh PROGRAM docs/fidelity.md" >&2
    exit 2
}
for day in 2017-01-01 2026-06-01; do
    "$1" rules --markdown --as-of "$day" | diff "$2" - || {
        echo "out of date; type: build/understudy rules --markdown > docs/fidelity.md"
        exit 1
    }
done
for table in Endpoints Rules Errors Limits Templates Fields Webhook Acts; do
    grep -q "^## $table" "$2" || {
        echo "no table of $table"
        exit 1
    }
done
