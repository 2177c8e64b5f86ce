#!/bin/sh
# The recorder between our own platform and the reference bot: both directions pass, the HAR and the recording are written, no secret is in them, and the recording can be played.
# usage: recorder.sh PROGRAM BOT
set -u
program=$1 bot=$2
scratch=$(mktemp -d) || exit 2
pids=
trap 'for pid in $pids; do kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done; rm -rf "$scratch"' EXIT

await() { # FILE PATTERN: until a line has it, at most 10 s
    tries=0
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -gt 200 ] && { echo "not ok: $1 never said $2"; cat "$1"; exit 1; }
        sleep 0.05
    done
}
value() { sed -n "s/.*\"$2\":\"\\([^\"]*\\)\".*/\\1/p" "$1" | head -1; }
field() { python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }

"$program" serve --listen 127.0.0.1:0 --clock frozen --now 2024-03-01T09:00:00Z >"$scratch/serve" 2>"$scratch/serve.err" &
pids="$pids $!"
await "$scratch/serve" ready
platform=$(field "$scratch/serve" 'd["listen"]')

port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
"$program" record --upstream "$platform" --webhook "http://127.0.0.1:$port/webhook" --listen 127.0.0.1:0 --har "$scratch/x.har" --recording "$scratch/x.jsonl" \
    >"$scratch/record" 2>"$scratch/record.err" &
recorder=$!
pids="$pids $recorder"
await "$scratch/record" ready
between=$(field "$scratch/record" 'd["listen"]')

GRAPH_API_BASE=$between PAGE_ID=$(field "$scratch/serve" 'd["world"]["pages"][0]["id"]') PAGE_ACCESS_TOKEN=$(field "$scratch/serve" 'd["world"]["pages"][0]["access_token"]') \
    APP_ID=$(field "$scratch/serve" 'd["world"]["apps"][0]["id"]') APP_SECRET=$(field "$scratch/serve" 'd["world"]["apps"][0]["secret"]') \
    VERIFY_TOKEN=$(field "$scratch/serve" 'd["world"]["apps"][0]["verify_token"]') WEBHOOK_PORT=$port "$bot" >"$scratch/bot" 2>&1 &
pids="$pids $!"
user=$(field "$scratch/serve" 'd["world"]["users"][0]["psid"]')
tries=0
until curl -sf -X PUT "$platform/_sim/worlds/default/webhook" -d "{\"url\":\"$between/webhook\"}" >"$scratch/put"; do
    tries=$((tries + 1))
    [ $tries -gt 100 ] && { echo "not ok: no handshake through the recorder"; exit 1; }
    sleep 0.05
done
curl -s -X POST "$platform/_sim/worlds/default/acts" -d "{\"act\":\"message\",\"user\":\"$user\",\"text\":\"hello from +358 40 1234567\"}" >/dev/null
curl -s -X POST "$platform/_sim/worlds/default/settle" >/dev/null
tries=0
until curl -s "$platform/_sim/worlds/default/messages" | grep -q '"from":"page"'; do
    tries=$((tries + 1))
    [ $tries -gt 200 ] && { echo "not ok: the bot's answer never came through the recorder"; exit 1; }
    sleep 0.05
done
token=$(field "$scratch/serve" 'd["world"]["pages"][0]["access_token"]')
secret=$(field "$scratch/serve" 'd["world"]["apps"][0]["secret"]')
app=$(field "$scratch/serve" 'd["world"]["apps"][0]["id"]')
# Every way in which a client may hand over a secret: a part of a form, a header, a text in JSON, a key that nobody knows, an app's token, a batch.
for body in "-F access_token=$token -F recipient={\"id\":\"$user\"} -F message={\"text\":\"in_parts\"}" \
    "-H Authorization:Bearer\ $token -d {\"recipient\":{\"id\":\"$user\"},\"message\":{\"text\":\"by_header\"}}" \
    "-d {\"access_token\":\"$token\",\"my_key\":\"$token\"}" \
    "-d access_token=$token&recipient=%7B%22id%22%3A%22$user%22%7D" \
    "-d {\"batch\":[{\"method\":\"GET\",\"relative_url\":\"me?access_token=$token\"}],\"access_token\":\"$app|$secret\"}"; do
    eval "set -- $(printf '%s' "$body" | sed 's/[{}"&|;()<>]/\\&/g')"
    curl -s -X POST "$between/v19.0/me/messages" -H 'Expect:' "$@" >>"$scratch/curls"
done
curl -s "$between/debug_token?input_token=$token&access_token=$app%7C$secret" >>"$scratch/curls"
curl -s "$between/oauth/access_token?client_id=$app&client_secret=$secret&grant_type=client_credentials" >>"$scratch/curls"
kill -TERM $recorder
wait $recorder || { echo "not ok: the recorder ended with $?"; cat "$scratch/record.err"; exit 1; }

grep -q 'in_parts' "$scratch/x.har" && grep -q 'by_header' "$scratch/x.har" || { echo "not ok: the HAR lacks some of the calls"; cat "$scratch/curls"; exit 1; }
if grep -q -e "$token" -e "$secret" "$scratch/x.har" "$scratch/x.jsonl"; then
    echo "not ok: a secret reached the disk"
    grep -o -e ".\{60\}$token" -e ".\{60\}$secret" "$scratch/x.har" | cut -c1-100
    exit 1
fi
python3 -m json.tool "$scratch/x.har" >/dev/null || { echo "not ok: the HAR is no JSON"; exit 1; }
grep -q '"act":"message","text":"hello from +1555' "$scratch/x.jsonl" || { echo "not ok: the recording lacks the message"; cat "$scratch/x.jsonl"; exit 1; }
grep -q 'messages' "$scratch/x.har" || { echo "not ok: the HAR lacks the client's calls"; exit 1; }
"$program" replay --check "$scratch/x.jsonl" >/dev/null || { echo "not ok: the recording cannot be played"; exit 1; }
echo "ok recorded both directions"

# What is passed on is what came, and what is under way at the end is finished.
cat >"$scratch/slow.py" <<'EOF'
import http.server, time
class Slow(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if "slow" in self.path:
            time.sleep(1)
        body = b'{"ok":true}\0' + self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = ("%s %s" % (self.headers.get("Content-Length"), self.headers.get("Content-Type"))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
print("ready %d" % server.server_port, flush=True)
server.serve_forever()
EOF
python3 "$scratch/slow.py" >"$scratch/slow" &
pids="$pids $!"
await "$scratch/slow" ready
upstream=http://127.0.0.1:$(sed 's/ready //' "$scratch/slow")
"$program" record --upstream "$upstream/" --webhook "$upstream/hook?key=1" --listen 127.0.0.1:0 --har "$scratch/y.har" >"$scratch/record2" 2>&1 &
recorder=$!
pids="$pids $recorder"
await "$scratch/record2" ready
between=$(field "$scratch/record2" 'd["listen"]')
same() { # NAME WANTED GOT
    [ "$2" = "$3" ] && echo "ok $1" || { echo "not ok $1: expected $2, got $3"; exit 1; }
}
same "a path with escapes" '{"ok":true}/v19.0/a%20b%2Fc/%C3%A9?x=a+b%26c&y' "$(curl -s "$between/v19.0/a%20b%2Fc/%C3%A9?x=a+b%26c&y" | tr -d '\0')"
same "a webhook address with a query" '{"ok":true}/hook?key=1&hub.mode=subscribe' "$(curl -s "$between/webhook?hub.mode=subscribe" | tr -d '\0')"
same "a post of nothing" '0 None' "$(curl -s -X POST "$between/empty")"
curl -s "$between/slow" >"$scratch/slow.out" &
client=$!
sleep 0.3
kill -TERM $recorder
wait $recorder || { echo "not ok: the recorder ended with $?"; exit 1; }
wait $client || { echo "not ok: a request under way at the end was cut off"; exit 1; }
grep -aq '/slow' "$scratch/slow.out" || { echo "not ok: a request under way at the end has no answer"; exit 1; }
same "the bytes behind a NUL" '{"ok":true}/slow' "$(field "$scratch/y.har" 'd["log"]["entries"][-1]["response"]["content"]["text"].replace(chr(0),"")')"
"$program" record --upstream graph.facebook.com --webhook "$upstream" >/dev/null 2>"$scratch/err"
[ $? -eq 2 ] && grep -q 'is no address' "$scratch/err" || { echo "not ok: an upstream without http"; exit 1; }
echo "ok what is under way at the end is finished"
