#!/bin/sh
# The importers: each fixture of a foreign format gives the recording beside it, to the byte; each kind of broken file gives file:line, exit 2 and nothing on stdout.
# usage: imports.sh PROGRAM SOURCE_FOLDER
set -u
program=$1
cd "$2/fixtures/imports" || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
failed=0

good() { # FORMAT FILE
    "$program" import "$1" "$2" --title "$1" >"$scratch/out" 2>"$scratch/err"
    if [ $? -eq 0 ] && cmp -s "$scratch/out" "$1.expected.jsonl"; then
        echo "ok $1"
    else
        echo "not ok $1"
        diff "$scratch/out" "$1.expected.jsonl"
        failed=1
    fi
    "$program" replay --check "$scratch/out" >/dev/null || { echo "not ok $1: the recording cannot be played"; failed=1; }
}

bad() { # NAME FORMAT WANTED-IN-STDERR, the file on stdin
    cat >"$scratch/bad"
    "$program" import "$2" "$scratch/bad" >"$scratch/out" 2>"$scratch/err"
    status=$?
    if [ $status -eq 2 ] && [ ! -s "$scratch/out" ] && grep -q "$3" "$scratch/err"; then
        echo "ok $1"
    else
        echo "not ok $1: exit $status, $(head -c 300 "$scratch/err"), $(wc -c <"$scratch/out") bytes on stdout"
        failed=1
    fi
}

good webhooks webhooks.jsonl
good har proxy.har
good inbox message_1.json
good conversations conversations.json
good csv transcript.csv

first=$(head -1 webhooks.jsonl)
printf '%s\n{"object":\n' "$first" | bad "a broken line" webhooks 'bad:2: no JSON'
printf '%s\n{"hello":1}\n' "$first" | bad "a line that is no webhook body" webhooks 'bad:2: no webhook body'
printf '%s\n%s' "$first" "$(head -c 200 webhooks.jsonl)" | bad "a file that is cut off" webhooks 'bad:2: no JSON'
printf '' | bad "an empty file" webhooks 'nothing in it'
printf '{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"sender":{"id":"1"},"recipient":{"id":"2"},"timestamp":1,"message":{"mid":"m","text":"x"}}]}]}\n' |
    bad "a time outside the years" webhooks 'bad:1: the time'
printf '{"object":"page","entry":[],"x":"\377"}\n' | bad "bytes that are not UTF-8" webhooks 'bad:1: no JSON'
head -c 17000000 /dev/zero | tr '\0' 'x' | bad "a line without end" webhooks 'bad:1: a line of more than'
printf '{"log":{}}' | bad "a HAR without entries" har 'no log.entries'
printf '[1' | bad "a HAR that is no JSON" har 'bad:1: no JSON'
printf '{"messages":[]}' | bad "an inbox without participants" inbox 'no participants'
printf '{"participants":[{"name":"a"},{"name":"b"}],"messages":[{"sender_name":"a"}]}' | bad "a message without a time" inbox 'without sender_name or timestamp_ms'
printf '{"data":[]}' | bad "no conversations" conversations 'no conversation'
printf '{"messages":{"data":[{"message":"x","from":{"id":"1"},"created_time":"yesterday"}]}}' | bad "a time in words" conversations 'created_time'
printf 'when,who\n' | bad "a CSV without its columns" csv 'no column `time`'
printf 'time,from,text\n2024-03-01T09:00:00Z,a,"x\n' | bad "quotes that never close" csv 'ends inside quotes'
printf 'time,from,text\nyesterday,a,x\n' | bad "a time that is none" csv 'bad:2: no time'
"$program" import nonsense "$scratch/bad" >/dev/null 2>"$scratch/err"
[ $? -eq 2 ] && grep -q 'no format `nonsense`' "$scratch/err" && echo "ok an unknown format" || { echo "not ok an unknown format"; failed=1; }
exit $failed
