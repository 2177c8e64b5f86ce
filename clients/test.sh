#!/bin/sh
# test.sh PROGRAM [OUT]: every client of this folder against PROGRAM, each in a world of its own. Prints TAP.
# Journals and what the clients said stay in OUT (default out/clients); table.sh makes the table of docs/clients.md from them.
set -u

program=$(realpath "$1")
cd "$(dirname "$0")" || exit 2
out=${2:-../out/clients}
mkdir -p "$out"
rm -f "$out"/*.jsonl "$out"/*.log
: "${BOTS:=$(dirname "$program")/clients}"
count=0
failed=0

# The calls of a tour come faster than the platform would bear, so these worlds know no limits.
echo '{"name":"default","limits":"off"}' >"$out/world.json"

# client NAME NOW ARGUMENT_OF_VISIT...: the client in a world that begins at NOW ("" = today).
client() {
    name=$1 now=$2
    shift 2
    count=$((count + 1))
    if "$program" exec --listen 127.0.0.1:0 --world "$out/world.json" ${now:+--now "$now"} --journal "$out/$name.jsonl" -- \
        sh ./visit.sh "$@" >"$out/$name.log" 2>&1; then
        echo "ok $count - $name"
    else
        failed=$((failed + 1))
        echo "not ok $count - $name"
        grep -vE '^ok ' "$out/$name.log" | sed 's/^/# /'
    fi
}

# What a language's client needs, or why it is left out.
with() {
    command -v "$1" >/dev/null 2>&1 && return
    count=$((count + 1))
    echo "ok $count - $2 # SKIP there is no $1 here"
    false
}

client reference_bot '' --say hello --say 'Siparişim nerede?' --say products -- "$BOTS/reference_bot"
with node npm_bot && client npm_bot '' --say hello --say products --say picture --say invoice --say order --say agent \
    --say notify -- node npm/bot.js
with node npm_sdk_tour_2021 && client npm_sdk_tour_2021 2021-03-01T09:00:00Z -- node npm/sdk_tour.js
with node npm_sdk_tour && client npm_sdk_tour '' -- node npm/sdk_tour.js
with node node_botly && client node_botly '' -- node_botly/run
with node node_messenger_bot && client node_messenger_bot '' -- node_messenger_bot/run
with python3 python_pymessenger && client python_pymessenger '' -- python_pymessenger/run
with php php_botman && client php_botman '' -- php_botman/run
with ruby ruby_messenger && client ruby_messenger '' -- ruby_messenger/run
with go go_huandu && client go_huandu '' -- go_huandu/run
echo "1..$count"
[ $failed -eq 0 ]
