#!/bin/bash
# coverage.sh [FOLDER] - how much of the delivery its unit tests reach: builds in FOLDER (build/coverage), runs them,
# prints a line a file. Exits 1 where a test fails, or where a branch of a file that must have none uncovered is.
set -eu

cd "$(dirname "$0")/.."
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TZ=UTC CMOCKA_MESSAGE_OUTPUT=STDOUT
folder=${1:-build/coverage}

tests=(accounts addresses adopt ambiguous callbacks claims clocks deadline delivery dispatcher former forms gate
    inquiry journal known limits nobody operator outcome receipt recovery registry retry state steps taken told update)
twilio=(plugin_twilio_answers plugin_twilio_find plugin_twilio_receive)

cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=gcc \
    -DCMAKE_C_FLAGS='--coverage -fprofile-abs-path' >/dev/null
find "$folder" -name '*.gcda' -delete
cmake --build "$folder" --target "${tests[@]/#/test_}" "${twilio[@]/#/test_}" | tail -n 1

names=$(printf '|%s' "${tests[@]}" "${twilio[@]}")
ctest --test-dir "$folder" --quiet --no-tests=error --output-on-failure -R "^(${names#|})\$"
exec /usr/bin/python3 -B tests/coverage.py "$folder"
