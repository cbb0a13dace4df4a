#!/bin/sh
# Entry point of a container, under a small init: tini -- entrypoint.sh run -c /etc/ackwarden/workers.yaml
# (docs/container.md). Its end is the end of the container and of every worker in it, so it
#   - starts the controller again over its running workers after `ackwarden upgrade` (75), and after a death by a signal that did not come
#     through here (out of memory, kill -9): the workers never notice;
#   - passes on what stops a container, and waits until everything is drained.
set -u

child=
stopping=no
interrupted=no

pass_on() {
    interrupted=yes
    if [ "$1" != HUP ] && [ "$1" != USR1 ] && [ "$1" != USR2 ]; then stopping=yes; fi
    if [ -n "$child" ]; then kill -s "$1" "$child" 2>/dev/null; fi
}
for signal in TERM INT QUIT HUP USR1 USR2; do
    # shellcheck disable=SC2064
    trap "pass_on $signal" "$signal"
done

while [ "$stopping" = no ]; do
    ackwarden "$@" &
    child=$!
    status=0
    while :; do
        # wait(1) returns early when a signal comes; what it says then is not how the controller ended.
        interrupted=no
        wait "$child"
        code=$?
        if [ "$code" -ne 127 ]; then status=$code; fi
        if [ "$interrupted" = no ]; then break; fi
    done
    child=
    if [ "$status" -eq 75 ]; then continue; fi
    if [ "$status" -gt 128 ] && [ "$stopping" = no ]; then
        echo "entrypoint: the controller was ended by signal $((status - 128)) and is started again over its workers" >&2
        sleep 1
        continue
    fi
    exit "$status"
done
exit "${status:-143}"
