#!/bin/sh
# visit.sh [--say TEXT]... -- COMMAND...: runs inside of `understudy exec`, which sets the environment.
# Launches the client, subscribes its webhook, lets the first person of the world write to the page, and waits for the client
# to end by itself: its exit code is ours. With --say the person says each of these texts, the client is a bot that goes on
# listening: it is stopped when all has settled, and has failed when it did not answer each text or did something wrong.
set -u

world=$GRAPH_API_BASE/_sim/worlds/default
webhook=http://127.0.0.1:$WEBHOOK_PORT/webhook
texts=0
sayings=
newline='
'
while [ "$1" != -- ]; do
    texts=$((texts + 1))
    sayings=$sayings$2$newline
    shift 2
done
shift

answer=$(mktemp) || exit 2
trap 'rm -f "$answer"' EXIT

"$@" &
client=$!

give_up() {
    echo "not ok visit: $*" >&2
    kill "$client" 2>/dev/null
    exit 1
}

# control CURL_ARGUMENT...: prints what the control API answers.
control() {
    curl --silent --show-error --fail-with-body --noproxy '*' "$@" >"$answer" || give_up "$* $(cat "$answer")"
    cat "$answer"
}

# A client is ready when it answers the handshake; nothing tells us but asking.
until curl --silent --output /dev/null --noproxy '*' "$webhook?hub.mode=subscribe&hub.verify_token=$VERIFY_TOKEN&hub.challenge=1"; do
    kill -0 "$client" 2>/dev/null || give_up "the client ended before it listened"
    sleep 0.1
done
control -X PUT "$world/webhook" -d "{\"url\":\"$webhook\",\"verify_token\":\"$VERIFY_TOKEN\"}" >/dev/null
person=$(control "$world" | tr ',' '\n' | sed -n 's/.*"psid":"\([0-9]*\)".*/\1/p' | head -n 1)

say() {
    control "$world/acts" >/dev/null -d "{\"act\":\"message\",\"user\":\"$person\",\"text\":\"$1\"}"
}

if [ $texts -eq 0 ]; then
    say hello
    wait "$client"
    exit $?
fi

# How many messages of the page the journal holds that were let through.
answers() {
    control "$world/journal?after=0" | grep '"kind":"call"' | grep '"status":200' | grep -c '"message_id"'
}

printf %s "$sayings" | while read -r text; do
    before=$(answers)
    say "$text"
    tries=0
    while [ "$(answers)" -le "$before" ]; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || exit 1
        sleep 0.1
    done
    echo "ok $text"
done || give_up "no answer to a text"
control -X POST "$world/settle" >/dev/null
violations=$(control "$world/violations")
kill "$client"
wait "$client" || give_up "the bot did not end in peace"
case $violations in
*'"rule"'*) give_up "violations: $violations" ;;
esac
