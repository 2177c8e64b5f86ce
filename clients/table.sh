#!/bin/sh
# table.sh [--into FILE] JOURNAL...: what each client called, as a Markdown table: an endpoint a row, a journal (a client) a
# column. A cell says how many calls there were and, after a slash, how many of them were refused. test.sh leaves the journals.
# With --into the table takes the place of what follows the line <!-- table --> in FILE; with --check nothing is written, and the
# columns of these journals must stand there as they would be written (exit code 1 when one does not, 77 when no journal is there).
set -u

# column NAME: the cells of one column of a table, each behind the name of its row.
column() {
    awk -F ' *[|] *' -v name="$1" '
        $2 == "endpoint" { for (i = 1; i <= NF; i++) if ($i == name) at = i }
        at && /^[|]/ && $at != "" { print $2 " " $at }'
}

if [ "$1" = --check ]; then
    file=$2
    shift 2
    wrong=0
    count=0
    for journal in "$@"; do
        [ -f "$journal" ] || continue
        count=$((count + 1))
        name=$(basename "$journal" .jsonl)
        made=$(sh "$0" "$journal" | column "$name")
        if [ "$made" != "$(column "$name" <"$file")" ]; then
            wrong=1
            echo "$file: the column $name is out of date; write it anew as the file itself says. It should hold:"
            echo "$made"
        fi
    done
    [ $count -gt 0 ] || exit 77
    exit $wrong
fi

if [ "$1" = --into ]; then
    file=$2
    shift 2
    for name in $(sed -n 's/^| endpoint |//p' "$file" | tr -d '|'); do
        case " $* " in
        *"$name.jsonl "*) ;;
        *)
            echo "$0: no journal of $name among the arguments: its column would be lost (is its language here?)" >&2
            exit 2
            ;;
        esac
    done
    rest=$(sh "$0" "$@") && kept=$(sed '/^<!-- table -->$/q' "$file") || exit 2
    printf '%s\n\n%s\n' "$kept" "$rest" >"$file"
    exit
fi

awk '
function text_of(key,    at) {
    if (!match($0, "\"" key "\":\"[^\"]*\""))
        return ""
    at = RSTART + length(key) + 4
    return substr($0, at, RLENGTH - length(key) - 5)
}
FNR == 1 {
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/\.jsonl$/, "", name)
    clients[++client_count] = name
}
/"kind":"call"/ {
    endpoint = text_of("endpoint")
    if (endpoint == "")
        endpoint = "none: refused before one was found" # a bad token, a wrong proof, no such object
    if (!(endpoint in known)) {
        known[endpoint] = 1
        endpoints[++endpoint_count] = endpoint
    }
    calls[endpoint, name]++
    if (text_of("outcome") == "refused")
        refused[endpoint, name]++
    encoding = text_of("encoding")
    if (encoding != "none" && index(" " encodings[name] " ", " " encoding " ") == 0)
        encodings[name] = encodings[name] (encodings[name] == "" ? "" : " ") encoding
}
function row(first, last,    i, line) {
    line = "| " first " |"
    for (i = 1; i <= client_count; i++)
        line = line " " cell(last, clients[i]) " |"
    print line
}
function cell(what, client) {
    if (what == "name")
        return client
    if (what == "rule")
        return "---"
    if (what == "encodings")
        return encodings[client]
    if (!((what, client) in calls))
        return ""
    return calls[what, client] ((what, client) in refused ? "/" refused[what, client] : "")
}
END {
    row("endpoint", "name")
    row("---", "rule")
    row("encodings", "encodings")
    for (i = 1; i <= endpoint_count; i++)
        for (j = i + 1; j <= endpoint_count; j++)
            if (endpoints[j] < endpoints[i]) {
                swapped = endpoints[i]
                endpoints[i] = endpoints[j]
                endpoints[j] = swapped
            }
    for (i = 1; i <= endpoint_count; i++)
        row("`" endpoints[i] "`", endpoints[i])
}' "$@"
