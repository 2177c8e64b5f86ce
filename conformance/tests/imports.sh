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

foreign() { # FORMAT FILE WANTED-IN-SUMMARY OPTIONS...: the recording stands beside the file, what is left out is told
    format=$1 file=$2 summary=$3
    shift 3
    "$program" import "$format" "$file" --title "$format" "$@" >"$scratch/out" 2>"$scratch/err"
    if [ $? -eq 0 ] && cmp -s "$scratch/out" "$file.expected.jsonl" && grep -qF "$summary" "$scratch/err"; then
        echo "ok $file"
    else
        echo "not ok $file: $(cat "$scratch/err")"
        diff "$scratch/out" "$file.expected.jsonl"
        failed=1
    fi
    "$program" replay --check "$scratch/out" >/dev/null || { echo "not ok $file: the recording cannot be played"; failed=1; }
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
foreign inbox inbox-files.json "7 acts of 1 person; left out: 1 x call, 2 x reaction, 1 x message of the page's own, 1 x unsent message"
foreign inbox inbox-files.json "1 x message of the page's own" --page "Çaydanlık Dükkânı"
foreign inbox encrypted.json "4 acts of 1 person; left out: 1 x reaction, 1 x message of the page's own, 1 x unsent message, 1 x message of which only a placeholder is left"
foreign inbox inbox-several.json "4 acts of 2 people; left out: 1 x message of the page's own, 1 x reaction told as a message"
foreign conversations conversations-paged.json "1 x further page of messages (paging.next) that is not in the file"
foreign conversations conversation-messages.json "1 x message of the page's own" --page 999
foreign conversations conversations-bare.json "2 acts of 2 people; left out: 3 x message told twice, 3 x message of the page's own"
foreign har chrome.har "1 x request that is no webhook post"
foreign har mitmproxy.har "1 x message told twice, 1 x webhook post whose body is cut off"
foreign har order.har "3 acts of 1 person; left out: 3 x request that is no webhook post"
foreign webhooks webhooks-retried.jsonl "1 x message told twice, 1 x webhook that is not about a page"
foreign webhooks loggers.log "11 acts of 1 person; left out: 1 x handshake of the subscription, 1 x event of the page's own, 1 x comment or post of the page's own"
foreign webhooks kinds.jsonl "30 acts of 1 person; left out: 1 x messaging_feedback, 2 x message"
foreign csv acts.csv "1 x text of an act that has none, 1 x payload of an act that has none"
foreign csv alphabets.csv "6 acts of 6 people"
foreign csv crm.csv "5 acts of 1 person; left out: 1 x line of the page's own"
foreign csv excel.csv "1 x line of the page's own, 1 x line without text and type"

printf 'time,from,text\n2012-03-01T09:00:00Z,a,x\n2012-03-01T09:05:00Z,a,y\n' >"$scratch/old"
"$program" import csv "$scratch/old" >"$scratch/out" 2>"$scratch/err" && head -1 "$scratch/out" | grep -qF '"now":"2016-04-14T09:00:00.000Z"' && grep -q 'moved to 2016' "$scratch/err" &&
    "$program" replay "$scratch/out" >/dev/null && echo "ok a file that is older than the platform" || { echo "not ok a file that is older than the platform: $(cat "$scratch/out" "$scratch/err")"; failed=1; }

first=$(head -1 webhooks.jsonl)
printf '%s\n{"object":\n' "$first" | bad "a broken line" webhooks 'bad:2: no JSON'
printf '%s\n{"hello":1}\n' "$first" | bad "a line that is no webhook body" webhooks 'bad:2: no webhook body'
printf '%s\n%s' "$first" "$(head -c 200 webhooks.jsonl)" | bad "a file that is cut off" webhooks 'bad:2: no JSON'
printf '' | bad "an empty file" webhooks 'nothing in it'
printf '{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"sender":{"id":"1"},"recipient":{"id":"2"},"timestamp":1,"message":{"mid":"m","text":"x"}}]}]}\n' |
    bad "a time outside the years" webhooks 'bad:1: the time'
printf '{\n"object":"page",\n"entry":[\n{"object":"page","entry":[]}\n' | bad "a document over several lines that is cut off" webhooks 'bad:1: no JSON at column .* of line 4'
{ printf '%s\n{\n' "$first"; yes '[]],[[' | head -c 17000000; } | bad "a document without end" webhooks 'bad:2: a record of more than 16 MiB'
printf '{"body":"{\\"entry\\":[","isBase64Encoded":false}\n' | bad "a body in a text that is cut off" webhooks 'bad:1: the body is no JSON'
printf '{"body":"eyJlbnRyeSI6Ww==","isBase64Encoded":true}\n' | bad "a body in base64 that is cut off" webhooks 'bad:1: '
printf '{"object":"page","entry":[],"x":"\377"}\n' | bad "bytes that are not UTF-8" webhooks 'bad:1: no JSON'
head -c 17000000 /dev/zero | tr '\0' 'x' | bad "a line without end" webhooks 'bad:1: a line of more than'
printf '{"log":{}}' | bad "a HAR without entries" har 'no log.entries'
printf '[1' | bad "a HAR that is no JSON" har 'bad:1: no JSON'
printf '{"messages":[]}' | bad "an inbox without participants" inbox 'no participants'
printf '{"participants":["a","b"],\n"messages":[]}\n\n{"participants":["a","b"],\n"messages":[' | bad "a second file of an inbox that is cut off" inbox 'bad:5: no JSON'
printf '{"participants":[{"name":"a"},{"name":"b"}],"messages":[{"sender_name":"a"}]}' | bad "a message without a time" inbox 'without sender_name or timestamp_ms'
printf '{"data":[]}' | bad "no conversations" conversations 'no conversation'
printf '{"messages":{"data":[{"message":"x","from":{"id":"1"},"to":{"data":[{"id":"2"}]},"created_time":"2024-03-01T09:00:00+0000"}]}}' | bad "a conversation that does not tell the page" conversations 'does not tell who is the page'
printf '[{"code":200,"body":"{"}]' | bad "a batch that is cut off" conversations 'an answer of a batch is no JSON'
printf '{"participants":{"data":[{"id":"1"},{"id":"2"}]},"messages":{"data":[{"message":"x","from":{"id":"1"},"created_time":"yesterday"}]}}' | bad "a time in words" conversations 'created_time'
printf 'when,who\n' | bad "a CSV without its columns" csv 'no column `time`'
printf 'time,from,text\n2024-03-01T09:00:00Z,a,"x\n' | bad "quotes that never close" csv 'ends inside quotes'
printf 'time,from,text\n03/01/2024 09:00,a,x\n' | bad "a day that may be a month" csv 'bad:2: no time'
printf 'sep=;\ntime;from;text\nyesterday;a;x\n' | bad "a bad time below a line sep=" csv 'bad:3: no time'
printf 'time,from,text\nyesterday,a,x\n' | bad "a time that is none" csv 'bad:2: no time'
printf 'time,from,text\n2024-03-01T09:00:00Z,a,x\n2024-03-01T08:59:59.999Z,a,y\n' | bad "a CSV whose time runs backwards" csv 'bad:3: time runs backwards'
printf 'time,from,text\n2024-03-01T09:00:00Z,a\n' | bad "a CSV line that lacks a column" csv 'bad:2: 2 columns, expected 3'
printf 'time,from,text,type\n2024-03-01T09:00:00Z,a,,mesage\n' | bad "an act that is none" csv 'bad:2: unknown act `mesage`, did you mean `message`'
printf 'time,from,text,type\n2024-03-01T09:00:00Z,a,x,location\n' | bad "an act that needs more" csv 'bad:2: the act `location` needs `lat`'
printf 'time,from,text\n2024-03-01T09:00:00Z,J\344n,x\n' | bad "a name in Latin-1" csv 'bad:2: the text is not UTF-8'
printf 'time,from,text\n2024-03-01T09:00:00Z,a,Hyv\344\n' | bad "a CSV in Latin-1" csv 'bad:2: the text is not UTF-8'
printf 'time,from,text\n2024-03-01T09:00:00Z,a,x\000y\n' | bad "a CSV with a NUL" csv 'bad:2: a NUL'
printf '\377\376t\000i\000' | bad "a CSV in UTF-16" csv 'bad:1: is UTF-16'
hook() { printf '{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"sender":{"id":"1"},"recipient":{"id":"2"},"timestamp":%s,"message":{"mid":"m%s","text":"x"}}]}]}\n' "$1" "$1"; }
{ hook 1709300000000; hook 1709296399999; } | bad "a log that goes back by more than an hour" webhooks 'bad:2: time runs backwards'
{ hook 1709300000000; hook 1709296400000; } >"$scratch/late"
"$program" import webhooks "$scratch/late" 2>/dev/null | tail -1 | grep -qF '"at":"+00:00:00.000"' && echo "ok an event that was an hour late" || { echo "not ok an event that was an hour late"; failed=1; }
printf '{"participants":[{"name":"a"},{"name":"b"}],"messages":[{"sender_name":"a","timestamp_ms":1709300000000,"content":"x"}]}' >"$scratch/inbox"
"$program" import inbox "$scratch/inbox" --page c 2>&1 | grep -q 'nobody is called `c`' && echo "ok a page that takes no part" || { echo "not ok a page that takes no part"; failed=1; }
for format in webhooks har inbox conversations csv; do
    "$program" import $format "$scratch" >"$scratch/out" 2>"$scratch/err"
    [ $? -eq 2 ] && [ ! -s "$scratch/out" ] && grep -q "is a directory" "$scratch/err" && echo "ok a directory as $format" || { echo "not ok a directory as $format: $(cat "$scratch/err")"; failed=1; }
done
if [ -c /dev/full ]; then
    "$program" import webhooks webhooks.jsonl 2>"$scratch/err" >/dev/full
    [ $? -eq 2 ] && grep -q "cannot write" "$scratch/err" && ! grep -q " acts of " "$scratch/err" && echo "ok a full disk" || { echo "not ok a full disk: $(cat "$scratch/err")"; failed=1; }
fi
"$program" import nonsense "$scratch/bad" >/dev/null 2>"$scratch/err"
[ $? -eq 2 ] && grep -q 'no format `nonsense`' "$scratch/err" && echo "ok an unknown format" || { echo "not ok an unknown format"; failed=1; }
exit $failed
