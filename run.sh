#!/bin/bash
# run.sh [OPTION...] - from a bare Debian 12 or 13 to a daemon that answers: installs what is missing, builds a release, serves.
# Options go to `handoffd serve`: ./run.sh -c other.yaml
set -eu

root=$(cd "$(dirname "$0")" && pwd)

# The example and the check of the port need the address; the daemon reads its file itself.
config=$root/vendors.yaml
previous=
for argument in "$@"; do
    case $previous in -c | --config) config=$argument ;; esac
    previous=$argument
done
address=$(sed -n 's/^[^#]*\blisten: *"\{0,1\}\([0-9a-z.]*:[0-9]*\).*/\1/p' "$config" 2>/dev/null | head -n 1)
address=${address:-127.0.0.1:8000}
address=${address/0.0.0.0/127.0.0.1}
if (: <>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null; then
    echo "$address is taken: another program (perhaps another handoffd) already answers there." >&2
    echo "Stop it, or choose another address: server.listen in $config" >&2
    exit 2
fi

(
    cd "$root"
    export LC_ALL=C.UTF-8
    packaging/dependencies.sh run
    cmake --preset release >/dev/null
    cmake --build --preset release
)

# In the background until the daemon answers, then gone. A grandchild, so that the daemon has no child of ours to wait for.
print_example() {
    for _ in {1..600}; do
        kill -0 $$ 2>/dev/null || return 0
        if curl -s -o /dev/null --max-time 1 "http://$address/healthz"; then
            cat <<END

handoffd answers on http://$address (Ctrl-C stops it). Try it from another terminal:

curl -X POST http://$address/api/elevenlabs/handoff -H "Content-Type: application/json" -d '{"user_phone": "+5215512345678", "reason": "Cliente desea hablar con vendedor", "user_name": "María González", "conversation_id": "conv_$(date +%Y%m%d%H%M%S)"}'

END
            return 0
        fi
        sleep 0.1
    done
}
(print_example &)

exec "$root/build/release/bin/handoffd" serve -c "$config" "$@"
