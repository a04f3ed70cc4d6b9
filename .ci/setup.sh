#!/usr/bin/env bash
# Makes everything ready: system programs, .venv from the hashed lock, the `leaflets` command.
#   bash .ci/setup.sh run     what printing, reading and the demo need
#   bash .ci/setup.sh test    the same, and what the tests need (a browser too, on Debian)
# Ends with 0 when ready, 4 when a program is missing and may not be installed from here.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose="${1:-run}"
case "$purpose" in
    run) lock=requirements.lock ;;
    test) lock=requirements-dev.lock ;;
    *) echo "usage: bash .ci/setup.sh [run|test]" >&2; exit 2 ;;
esac

say() { echo "set-up: $*" >&2; }

platform() {
    case "$(uname -s)" in
        Darwin) echo macos ;;
        MINGW* | MSYS* | CYGWIN*) echo windows ;;
        *) if command -v apt-get >/dev/null; then echo debian
           elif command -v dnf >/dev/null; then echo fedora
           else echo other; fi ;;
    esac
}

# One exact sentence for this platform, then stop.
stop_with_sentence() {
    say "missing: $*"
    case "$(platform)" in
        debian) say "Run: sudo apt-get install $(apt_names "$@")" ;;
        fedora) say "Run: sudo dnf install python3 tesseract poppler-utils mesa-libGL glib2" ;;
        macos) say "Install Homebrew from https://brew.sh, then run: brew install python tesseract poppler" ;;
        windows) say "Run: winget install Python.Python.3.12 UB-Mannheim.TesseractOCR oschwartz10612.Poppler" ;;
        *) say "Install Python 3.11 or newer, Tesseract, poppler's tools and libGL, then try again." ;;
    esac
    exit 4
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3.14 python3.13 python3.12 python3.11 python3 python; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

# The list is read to its end before it is searched: in `ldconfig -p | grep -q`, grep leaves at
# the first match, ldconfig now and then dies of the closed pipe, and pipefail calls that missing.
has_library() {
    local list
    list="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null)" || return 1
    [[ "$list" == *"$1"* ]]
}

# What is not there yet, one word each.
missing_things() {
    local python
    python="$(find_python)"
    if [ -z "$python" ]; then echo python
    elif [ ! -x .venv/bin/python ] && ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then echo venv; fi
    command -v tesseract >/dev/null || echo tesseract
    { command -v pdftoppm && command -v pdfimages; } >/dev/null || echo poppler
    if [ "$(uname -s)" = Linux ]; then
        has_library libGL.so.1 || echo libgl
        has_library libgthread-2.0.so.0 || echo libglib
    fi
}

apt_names() {
    local thing python
    for thing in "$@"; do
        case "$thing" in
            python) echo python3 python3-venv ;;
            venv) python="$(find_python)"
                  "$python" -c 'import sys; print(f"python3.{sys.version_info.minor}-venv")' ;;
            tesseract) echo tesseract-ocr ;;
            poppler) echo poppler-utils ;;
            libgl) echo libgl1 ;;
            libglib) echo libglib2.0-0 ;;
            *) echo "$thing" ;;
        esac
    done | tr '\n' ' ' | sed 's/ $//'
}

# Root's prefix: nothing for root, sudo where it asks no password; fails where neither is so.
may_install() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

apt_install() {
    say "apt-get install $*"
    as_root apt-get update -qq >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

install_system_things() {
    local things
    things="$(missing_things)"
    [ -n "$things" ] || return 0
    # shellcheck disable=SC2046,SC2086
    case "$(platform)" in
        debian) may_install || stop_with_sentence $things
                apt_install $(apt_names $things) || stop_with_sentence $things ;;
        macos) command -v brew >/dev/null || stop_with_sentence $things
               say "brew install python tesseract poppler"
               brew install --quiet python tesseract poppler >&2 || stop_with_sentence $things ;;
        *) stop_with_sentence $things ;;
    esac
    things="$(missing_things)"
    # shellcheck disable=SC2086
    [ -z "$things" ] || stop_with_sentence $things
}

# The desk's own tests use a real browser and are skipped, with a reason, where there is none.
# Ubuntu's `chromium` is a snap, which cannot be driven from here, so only Debian installs one.
install_browser() {
    command -v chromium >/dev/null && command -v chromedriver >/dev/null && return 0
    grep -qx 'ID=debian' /etc/os-release 2>/dev/null && may_install || return 0
    apt_install chromium chromium-driver || say "no browser: the desk's browser tests will be skipped"
}

# .venv, unless it was made from this very lock by a Python that is still there.
install_python_things() {
    local python fingerprint stamp=.venv/.leaflets-ready
    fingerprint="$purpose $(cat "$lock" pyproject.toml | cksum)"
    if [ -x .venv/bin/leaflets ] && .venv/bin/python -c '' 2>/dev/null \
        && grep -qxF "$fingerprint" "$stamp" 2>/dev/null; then return 0; fi
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        python="$(find_python)"
        say "a virtual environment in .venv ($("$python" --version))"
        "$python" -m venv --clear .venv
    fi
    say "Python packages from $lock"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --require-hashes --requirement "$lock"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --no-deps --no-build-isolation --editable .
    echo "$fingerprint" >> "$stamp"
}

install_system_things
if [ "$purpose" = test ]; then install_browser; fi
install_python_things
