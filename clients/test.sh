#!/bin/sh
# test.sh PROGRAM OUT [NAME...]: the clients of this folder (those named, or all) against PROGRAM, each in a world of its own.
# Prints TAP; exit code 0 when all went well, 77 when what they are written in is not here, else 1. Journals and what the
# clients said stay in OUT; table.sh makes the table of docs/clients.md from them.
set -u

program=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
shift 2
wanted=" $* "
cd "$(dirname "$0")" || exit 2
bots=$(dirname "$program")/clients
count=0
failed=0
skipped=0

# The calls of a tour come faster than the platform would bear, so these worlds know no limits. Conversations are routed to
# the app, so that it may pass and take them.
echo '{"name":"default","limits":"off","pages":[{"default_app":0}]}' >"$out/world.json"

# client LANGUAGE NAME NOW ARGUMENT_OF_VISIT...: the client in a world that begins at NOW ("" = today), if LANGUAGE is here.
# `listeners` holds further options of exec: what a client needs that knows no address but graph.facebook.com.
listeners=
client() {
    language=$1 name=$2 now=$3
    shift 3
    case $wanted in
    "  " | *" $name "*) ;;
    *) return ;;
    esac
    count=$((count + 1))
    # shellcheck disable=SC2086 # listeners is a list of options
    if ! command -v "$language" >/dev/null 2>&1; then
        skipped=$((skipped + 1))
        echo "ok $count - $name # SKIP there is no $language here"
    elif "$program" exec --listen 127.0.0.1:0 $listeners --world "$out/world.json" ${now:+--now "$now"} --journal "$out/$name.jsonl" -- \
        sh ./visit.sh "$@" >"$out/$name.log" 2>&1; then
        echo "ok $count - $name"
    else
        failed=$((failed + 1))
        echo "not ok $count - $name"
        grep -vE '^ok ' "$out/$name.log" | sed 's/^/# /'
    fi
}

client "$bots/reference_bot" reference_bot '' \
    --say hello --say 'Siparişim nerede?' --say products -- "$bots/reference_bot"
client node npm_bot '' --say hello --say products --say picture --say invoice --say order --say agent --say notify -- \
    node npm/bot.js
client node npm_sdk_tour_2020 2020-10-01T09:00:00Z -- node npm/sdk_tour.js
client node npm_sdk_tour '' -- node npm/sdk_tour.js
client node node_botly '' -- node_botly/run
client node node_messenger_bot '' -- node_messenger_bot/run
client node node_warriorteam '' -- node_warriorteam/run
listeners='--tls 127.0.0.1:0 --proxy 127.0.0.1:0'
client node node_messenger_node 2018-10-01T09:00:00Z -- node_messenger_node/run
client node node_fb '' -- node_fb/run
listeners=
client python3 python_pymessenger '' -- python_pymessenger/run
client php php_botman '' -- php_botman/run
client ruby ruby_messenger '' -- ruby_messenger/run
client go go_huandu '' -- go_huandu/run
echo "1..$count"
[ $failed -eq 0 ] || exit 1
[ $skipped -lt $count ] || exit 77
