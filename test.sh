#!/bin/bash
# test.sh [--quick] - on a bare Debian 12 or 13: installs what is missing, builds, checks and tests everything.
# --quick: only the gcc build and its tests. The last line counts single test cases: "N passed, N failed".
set -eu

cd "$(dirname "$0")"
case ${1:-} in
'') presets=(dev sanitize) ;;
--quick) presets=(dev) ;;
*) sed -n 's/^# //p' "$0" >&2 && exit 2 ;;
esac

# The same everywhere: Debian's own tools, one language, one time zone, no proxy between the tests and their servers.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TZ=UTC no_proxy='*'
export CMOCKA_MESSAGE_OUTPUT=XML # into the file that CMakeLists.txt names; tests/count.py prints what failed

failed=()
check() { # NAME COMMAND...: runs it; a failure is remembered, and the rest goes on
    printf '\n== %s\n' "$1"
    if ! "${@:2}"; then
        failed+=("$1")
        return 1
    fi
}

# Each version of clang-format and clang-tidy judges differently; this one is in Debian 12 and 13.
lint_path=/usr/lib/llvm-19/bin

format() {
    find core config plugins tests -name '*.[ch]' -print0 | xargs -0 "$lint_path/clang-format" --dry-run -Werror
}

# The product, as the gcc build compiles it.
tidy() {
    cmake --preset dev >/dev/null &&
        "$lint_path/run-clang-tidy" -clang-tidy-binary "$lint_path/clang-tidy" -p build/dev -quiet \
            -warnings-as-errors='*' '(?<!/tests)/(core|config|plugins)/'
}

build() {
    cmake --preset "$1" >/dev/null && cmake --build --preset "$1" -- -k 0
}

run_tests() {
    rm -rf "build/$1/junit" "build/$1/ctest.xml"
    mkdir -p "build/$1/junit"
    ctest --preset "$1" --parallel "$((2 * $(nproc) + 1))" --no-tests=error --output-junit "$PWD/build/$1/ctest.xml"
}

packaging/dependencies.sh "$([ ${#presets[@]} = 1 ] && echo quick || echo test)"
if [ ${#presets[@]} != 1 ]; then
    check clang-format format || true
    check clang-tidy tidy || true
fi
built=()
for preset in "${presets[@]}"; do
    if check "build $preset" build "$preset"; then
        printf '\n== test %s\n' "$preset"
        run_tests "$preset" || true # tests/count.py says what failed
        built+=("build/$preset")
    fi
done
exec /usr/bin/python3 tests/count.py "${failed[@]/#/--failed=}" "${built[@]}"
