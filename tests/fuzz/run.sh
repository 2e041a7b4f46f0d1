#!/bin/sh
# Fuzzes each target, one after the other, and prints a line for each. What is found stays in
# build/found/TARGET; what fails, there as crash-…, leak-… or timeout-….
#
#   tests/fuzz/run.sh [RUNS] [TARGET…]        2,000,000 runs of all targets, unless said otherwise
set -eu
cd "$(dirname "$0")/../.."

runs=${1:-2000000}
[ $# -eq 0 ] || shift
case $runs in
'' | *[!0-9]*)
    echo "usage: tests/fuzz/run.sh [RUNS] [TARGET…]" >&2
    exit 2
    ;;
esac
[ $# -gt 0 ] || set -- $(cd tests/fuzz/corpus && ls)
for target in "$@"; do
    if [ ! -d "tests/fuzz/corpus/$target" ]; then
        echo "there is no target $target; there are: $(cd tests/fuzz/corpus && echo *)" >&2
        exit 2
    fi
done

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target all_plugins $(printf 'fuzz_%s ' "$@") >/dev/null

number_behind() { # of the last line of the log that has it
    sed -n "s/.*$1 *\([0-9]\{1,\}\).*/\1/p" "$log" | tail -n 1
}

dictionary_of() {
    case $1 in
    api | door | http | http_client | server) echo http ;;
    control | handoff_json | show | twilio_answers) echo json ;;
    settings | yaml) echo yaml ;;
    twilio_callback | twilio_receive) echo form ;;
    esac
}

failed=0
printf '%-18s %11s %8s %7s %7s %9s\n' TARGET EXECUTIONS EXEC/S CORPUS EDGES FEATURES
for target in "$@"; do
    found=build/found/$target
    log=build/found/$target.log
    mkdir -p "$found"
    verdict=''
    began=$(date +%s)
    dictionary=$(dictionary_of "$target")
    LC_ALL=C.UTF-8 "build/fuzz/bin/fuzz_$target" -runs="$runs" -timeout=10 -rss_limit_mb=2048 \
        ${dictionary:+-dict="tests/fuzz/dictionaries/$dictionary"} -print_final_stats=1 \
        -artifact_prefix="$found/" "$found" "tests/fuzz/corpus/$target" >"$log" 2>&1 || verdict="FAILED, see $log"
    seconds=$(($(date +%s) - began))
    done=$(number_behind 'stat::number_of_executed_units:')
    [ -z "$verdict" ] || failed=1
    printf '%-18s %11s %8s %7s %7s %9s %s\n' "$target" "${done:-?}" \
        "$((${done:-0} / (seconds > 0 ? seconds : 1)))" "$(number_behind 'corp:')" \
        "$(number_behind 'cov:')" "$(number_behind ' ft:')" "$verdict"
done
exit $failed
