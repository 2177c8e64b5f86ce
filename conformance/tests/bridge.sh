#!/bin/sh
# The clock bridge: a client that the harness launches has the time of its world, in frozen worlds and in those that run, several at once; nothing is left behind.
# usage: bridge.sh PROGRAM FOLDER
set -u
program=$1 folder=$2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
export TMPDIR="$scratch/tmp"
mkdir "$TMPDIR" || exit 2
failed=0

# same WHAT EXPECTED ACTUAL
same() {
    [ "$2" = "$3" ] && return
    failed=1
    printf 'not ok: %s\n  expected  %s\n  actual    %s\n' "$1" "$2" "$3"
}

advance='curl -s "$GRAPH_API_BASE/_sim/worlds/default/clock" -d "{\"advance\":\"25h\"}" >/dev/null'
same "exec in a frozen world" "2020-02-29T12:00 2020-03-01T13:00" \
    "$("$program" exec --clock-bridge --clock frozen --now 2020-02-29T12:00:00Z -- sh -c "echo \$(date -u +%FT%H:%M; $advance; date -u +%FT%H:%M)")"
same "exec in a world that runs" "2031-01-01T00:00 2031-01-02T01:00" \
    "$("$program" exec --clock-bridge --now 2031-01-01T00:00:00Z -- sh -c "echo \$(date -u +%FT%H:%M; $advance; date -u +%FT%H:%M)")"
same "exec in a world at x3600" yes \
    "$("$program" exec --clock-bridge --clock x3600 --now 2031-01-01T00:00:00Z -- sh -c "sleep 1.3; [ \$(date -u +%H) -ge 1 ] && [ \$(date -u +%Y) = 2031 ] && echo yes")"
same "exec without it" "$(date -u +%Y)" "$("$program" exec --clock frozen --now 2031-01-01T00:00:00Z -- date -u +%Y)"
same "what is preloaded already stays" "yes" \
    "$(ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" LD_PRELOAD=libm.so.6 "$program" exec --clock-bridge -- sh -c 'case "$LD_PRELOAD" in *libfaketimeMT.so.1:libm.so.6) echo yes ;; *) echo "$LD_PRELOAD" ;; esac')"

for year in 2016 2038 9998; do
    same "TLS and the proxy in $year" "$year 400 400" \
        "$("$program" exec --clock-bridge --clock frozen --now $year-02-01T12:00:00Z -- sh -c 'echo $(date -u +%Y
            curl -s -o /dev/null -o /dev/null -w "%{http_code}\n" "$GRAPH_API_BASE_TLS/v19.0/me" https://graph.facebook.com/v19.0/me)')"
done

cp "$folder/dates.scn" "$scratch/one.scn"
sed 's/2020-02-29/2022-02-27/; s/2020-03-01/2022-02-28/; s/2021-03-01/2023-02-28/; s/^clock    20.*/clock    2022-02-27T12:00:00Z/' "$folder/dates.scn" >"$scratch/two.scn"
"$program" run -j 2 --clock-bridge --client "exec python3 '$folder/bot.py'" "$scratch/one.scn" "$scratch/two.scn" >"$scratch/said" 2>&1
same "two clients in two years" "0 2 scenarios, 2 pass" "$? $(grep "^2 scenarios" "$scratch/said")"
[ $failed -eq 0 ] || cat "$scratch/said"

pid=$("$program" exec --clock-bridge -- sh -c 'echo $$; kill -TERM $$')
same "libfaketime's own are gone, too, after a client that was stopped" "" "$(find /dev/shm -name "*faketime_s??_$pid")"
FAKETIME=+0 "$program" exec --clock-bridge -- date >"$scratch/said" 2>&1
same "with a time from elsewhere" "2 understudy: --clock-bridge with FAKETIME set, which libfaketime obeys before all files, expected none; type: unset FAKETIME" \
    "$? $(cat "$scratch/said")"

"$program" run --clock-bridge "$scratch/one.scn" >"$scratch/said" 2>&1
same "without a client" "2 understudy: --clock-bridge without --client, expected a client to launch" "$? $(cat "$scratch/said")"
same "nothing is left" "" "$(ls "$TMPDIR")"
[ $failed -eq 0 ] && echo "ok: the clock bridge"
exit $failed
