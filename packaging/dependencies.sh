#!/bin/bash
# dependencies.sh run|quick|test - installs those Debian packages (12 or 13) that run.sh or test.sh need and that are missing.
set -eu

# Certificates for TLS to providers, tzdata for the company's time zone: no library depends on them.
packages=(
    gcc libc6-dev cmake ninja-build pkgconf
    libcjson-dev libcurl4-openssl-dev libsqlite3-dev libssl-dev libutf8proc-dev libuv1-dev libyaml-dev uthash-dev
    ca-certificates curl tzdata
)
if grep -qx 'VERSION_ID="12"' /etc/os-release; then
    packages+=(node-llhttp) # the generated C, see cmake/Findllhttp.cmake
else
    packages+=(libllhttp-dev)
fi
case ${1:-} in
run) ;;
quick | test) packages+=(libcmocka-dev python3 strace python3-jsonschema python3-pytest) ;;
*) echo "usage: $0 run|quick|test" >&2 && exit 2 ;;
esac
if [ "$1" = test ]; then
    packages+=(clang clang-format-19 clang-tidy-19 libclang-rt-dev llvm)
    packages+=(caddy nginx-light slowhttptest systemd) # before handoffd, against it and above it
fi

installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null | sed -n 's/ installed$//p' || true)
missing=$(printf '%s\n' "${packages[@]}" | grep -vxF "${installed:-none}" | xargs || true)
if [ -z "$missing" ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        printf 'These Debian packages are missing, and only root can install them. As root, run:\n\n' >&2
        printf '  apt-get update && apt-get install --no-install-recommends %s\n\n' "$missing" >&2
        exit 2
    fi
    as_root=(sudo)
fi
echo "Installing Debian packages: $missing"
read -ra missing <<<"$missing"

# What has a service of its own (Caddy, nginx) is not started by being installed: the tests start theirs.
if [ "$1" = test ] && [ ! -e /usr/sbin/policy-rc.d ]; then
    trap '"${as_root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin /usr/sbin/policy-rc.d
fi
apt_get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
"${apt_get[@]}" update || echo "apt-get update failed; trying with the package lists that are here" >&2
if ! "${apt_get[@]}" install --no-install-recommends -y "${missing[@]}" >/dev/null; then
    echo "apt-get could not install: ${missing[*]}" >&2
    exit 2
fi
