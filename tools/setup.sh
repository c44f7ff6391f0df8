#!/bin/sh
# Makes .venv from uv.lock. Needs a Python >= 3.11 and the package index; no other Python is downloaded. What only tests
# need, Java for Spark's and Chromium for the pages', comes from Debian where it is missing.
set -eu

UV_VERSION=0.13.9
python=${1:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "setup: rollforward needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1 || true)." >&2
    echo "setup: install one (Debian 12 and later: apt-get install python3), or name it: make PYTHON=/path/to/python3 …" >&2
    exit 1
fi

if command -v uv >/dev/null && [ "$(uv --version | cut -d' ' -f2)" = "$UV_VERSION" ]; then
    uv=uv
else
    uv=.venv-tools/bin/uv
    # Debian ships Python without ensurepip; the package python3-venv brings it.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3-venv
        fi
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "setup: '$python' cannot make virtual environments: as root, apt-get install python3-venv; then again." >&2
            exit 1
        fi
    fi
    if [ "$("$uv" --version 2>/dev/null | cut -d' ' -f2)" != "$UV_VERSION" ]; then
        "$python" -m venv --clear .venv-tools
        .venv-tools/bin/pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
    fi
fi

# from_debian COMMAND PACKAGE TESTS: installs a package where its command is missing, or says what to do.
from_debian() {
    if command -v "$1" >/dev/null; then return; fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$2"
    fi
    if ! command -v "$1" >/dev/null; then
        echo "setup: the tests of $3 need $1: as root, apt-get install $2; then again." >&2
        exit 1
    fi
}
from_debian java default-jre-headless tests/spark
from_debian chromium chromium tests/web

# The machine's certificates where it has any: a company's proxy signs with its own. uv brings a set for machines without.
[ ! -s /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS=1
UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_PYTHON=$python "$uv" sync --locked --quiet
