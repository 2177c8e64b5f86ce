#!/bin/sh
# Does what the README shows: runs the commands of its console blocks in order, on a free port, and compares what they print with
# what stands there, where ... is any text.
#
#   readme.sh PROGRAM README
set -u
[ $# -eq 2 ] || {
    echo "usage: readme.sh PROGRAM README" >&2
    exit 2
}
program=$1
tmp=$(mktemp -d) || exit 1
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$tmp"' EXIT
address=127.0.0.1:8080
failed=0
ran=0

# matches TEXT PATTERN: the same, where ... in the pattern is any text.
matches() {
    glob=$(printf '%s' "$2" | sed 's/[][*?\\]/\\&/g; s/\.\.\./*/g')
    # shellcheck disable=SC2254 # it is a pattern
    case $1 in
    $glob) return 0 ;;
    esac
    return 1
}

start_server() {
    mkfifo "$tmp/ready"
    "$program" serve --listen 127.0.0.1:0 >"$tmp/ready" &
    server=$!
    read -r got <"$tmp/ready"
    address=$(printf '%s' "$got" | sed 's|.*"listen":"http://\([^"]*\)".*|\1|')
    got=$(printf '%s' "$got" | sed "s|$address|127.0.0.1:8080|")
}

# run COMMAND EXPECTED
run() {
    case $1 in
    ./dev*) return ;; # the test itself came from there
    *' serve &') start_server ;;
    *)
        eval "$(printf '%s' "$1" | sed "s|127.0.0.1:8080|$address|g; s|build/understudy|$program|g")" >"$tmp/got" 2>&1 </dev/null
        got=$(tr -d '\r' <"$tmp/got")
        ;;
    esac
    ran=$((ran + 1))
    matches "$got" "$2" && return
    failed=$((failed + 1))
    printf 'README: %s\n  shows %s\n  gets  %s\n' "$1" "$2" "$got"
}

awk '/^```/ { in_console = /^```console/; next } in_console' "$2" >"$tmp/console"
command=
expected=
while IFS= read -r line; do
    case $line in
    '$ '*)
        [ -z "$command" ] || run "$command" "$expected"
        command=${line#??}
        expected=
        ;;
    *) expected=$expected${expected:+
}$line ;;
    esac
done <"$tmp/console"
run "$command" "$expected"
echo "$ran commands of the README, $failed of them wrong"
[ $failed -eq 0 ] && [ $ran -gt 5 ]
