#!/bin/sh
# Every rule in force must have been seen in both directions by the scenarios and cases; conformance/waivers.txt says which
# directions nothing can reach, and why. Every error must have been met, but those for which sim/core/errors_unreached.def says why nothing leads to them.
#
#   rule_coverage.sh PROGRAM OUT
set -u
[ $# -eq 2 ] || {
    echo "usage: rule_coverage.sh PROGRAM OUT" >&2
    exit 2
}
mkdir -p "$2"
rm -rf "$2/run"
"$1" run -j 2 --report "$2/run" --format text scenarios conformance/cases >"$2/run.log" 2>&1 || {
    tail -n 30 "$2/run.log"
    exit 1
}
"$1" report --report "$2" --fail-under rules=100,errors=100 --waivers conformance/waivers.txt "$2"/run/*.jsonl >"$2/report.log" || {
    echo "all of them: $2/coverage.txt"
    exit 1
}
