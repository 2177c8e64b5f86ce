#!/bin/sh
# Guards of the layers. Each check prints what broke it and fails; `self-test` proves that each of them can.
#
#   layering.sh pure ARCHIVE        calls nothing but its own functions, mem* and str*
#   layering.sh clockless ARCHIVE   reads no clock, opens no socket, starts no thread
#   layering.sh includes ROOT       every room includes only itself and the rooms below; the harness no header of sim/
#   layering.sh self-test CC
set -u

# What a compiler adds by itself: assert, stack protector, sanitizers, gcov.
builtin='^(__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(asan|ubsan|tsan|sanitizer|gcov|llvm|sanitizer_cov)_.*)$'
string='^(mem|str)[a-z]+$'
worldly='^(clock|clock_gettime|clock_nanosleep|gettimeofday|time|timespec_get|ftime|localtime|localtime_r|mktime|getenv
|nanosleep|sleep|usleep|poll|select|epoll_wait|timerfd_create
|socket|socketpair|connect|bind|listen|accept|accept4|send|sendto|sendmsg|recv|recvfrom|recvmsg|getaddrinfo
|pthread_create|thrd_create|fork|vfork|system|popen|posix_spawn|signal|sigaction
|rand|rand_r|random|srand|getrandom|arc4random)$'
worldly=$(printf '%s' "$worldly" | tr -d '\n')

# Symbols that an archive needs from outside of itself, one a line.
needs() {
    nm "$1" | awk 'NF == 2 && $1 ~ /^[Uwv]$/ {print $2}' | sort -u >"$tmp/undefined"
    nm "$1" | awk 'NF == 3 {print $3}' | sort -u >"$tmp/defined"
    comm -23 "$tmp/undefined" "$tmp/defined"
}

# fail_on LIST MESSAGE: succeeds when the list is empty.
fail_on() {
    [ -z "$1" ] && return 0
    printf '%s:\n%s\n' "$2" "$1"
    return 1
}

pure() {
    [ -s "$1" ] || { echo "no archive $1"; return 1; }
    fail_on "$(needs "$1" | grep -vE "$builtin" | grep -vE "$string")" "$1 calls what a pure room may not"
}

clockless() {
    [ -s "$1" ] || { echo "no archive $1"; return 1; }
    fail_on "$(needs "$1" | grep -E "$worldly")" "$1 reaches for the real world"
}

# foreign FOLDER PATTERN: includes of the folder's sources that match.
foreign() {
    [ -d "$1" ] || return 0
    find "$1" -name '*.[ch]' -exec grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]+[<\"]$2" {} +
}

includes() {
    found=$(
        cd "$1" || exit
        above='conformance/|reports/'
        foreign sim/core "((sim/)?(world|graph|people|edge)/|$above|jansson|microhttpd|curl|gnutls)"
        foreign sim/world "((sim/)?(graph|people|edge)/|$above|jansson|microhttpd|curl|gnutls)"
        foreign sim/graph "((sim/)?(people|edge)/|$above|microhttpd|curl)"
        foreign sim/people "((sim/)?edge/|$above|microhttpd|curl)"
        foreign sim/edge "($above)"
        foreign conformance '(\.\./)*sim/'
        foreign reports '(\.\./)*sim/'
        foreign clients '(\.\./)*(sim|conformance|reports)/'
    )
    fail_on "$found" "includes that point upwards"
}

# refuses CHECK FILE: the self-test of one check on something bad.
refuses() {
    if "$1" "$2" >"$tmp/said"; then
        echo "$1 accepts $2, which it must refuse"
        exit 1
    fi
}

accepts() {
    if ! "$1" "$2" >"$tmp/said"; then
        echo "$1 refuses $2, which it must accept:"
        cat "$tmp/said"
        exit 1
    fi
}

# archive NAME SOURCE: a library of one object.
archive() {
    printf '%s\n' "$2" >"$tmp/$1.c"
    "$cc" -c -o "$tmp/$1.o" "$tmp/$1.c" && ar rcs "$tmp/$1.a" "$tmp/$1.o"
}

self_test() {
    cc=$1
    archive good '#include <string.h>
        int length_of(const char *s); int length_of(const char *s) { return (int)strlen(s); }
        int twice(const char *s); int twice(const char *s) { return 2 * length_of(s); }'
    archive printing '#include <stdio.h>
        void greet(void); void greet(void) { puts("hello"); }'
    archive ticking '#include <time.h>
        long now(void); long now(void) { return (long)time(NULL); }'
    archive talking '#include <sys/socket.h>
        int talk(void); int talk(void) { return socket(AF_INET, SOCK_STREAM, 0); }'
    archive threaded '#include <pthread.h>
        int spawn(void *(*f)(void *)); int spawn(void *(*f)(void *)) { pthread_t t; return pthread_create(&t, 0, f, 0); }'
    accepts pure "$tmp/good.a"
    for bad in printing ticking talking threaded; do refuses pure "$tmp/$bad.a"; done
    accepts clockless "$tmp/good.a"
    accepts clockless "$tmp/printing.a"
    for bad in ticking talking threaded missing; do refuses clockless "$tmp/$bad.a"; done

    accepts includes "$tmp"
    # One forbidden arrow a line: the folder, then what it must not include.
    while read -r folder header; do
        mkdir -p "$tmp/tree/$folder"
        printf '#include "%s"\n' "$header" >"$tmp/tree/$folder/bad.c"
        refuses includes "$tmp/tree"
        printf '#include <string.h>\n' >"$tmp/tree/$folder/bad.c"
        accepts includes "$tmp/tree"
    done <<ARROWS
sim/core sim/world/world.h
sim/core world/world.h
sim/core jansson.h
sim/world sim/graph/api.h
sim/world jansson.h
sim/graph sim/people/act.h
sim/graph people/act.h
sim/people sim/edge/http.h
sim/edge conformance/run.h
conformance sim/core/span.h
conformance ../sim/core/span.h
reports sim/world/world.h
clients reports/report.h
ARROWS
    echo "every check can fail"
}

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C

check=${1:-}
[ $# -eq 2 ] || check=
case $check in
pure) pure "$2" ;;
clockless) clockless "$2" ;;
includes) includes "$2" ;;
self-test) self_test "$2" ;;
*)
    echo "usage: layering.sh pure ARCHIVE | clockless ARCHIVE | includes ROOT | self-test CC" >&2
    exit 2
    ;;
esac
