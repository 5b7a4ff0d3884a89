# Debian's packages for the tests: what is there already is used. Sourced by `run`.

# missing PROGRAM PACKAGE...: the packages of those programs that are not installed, one a line.
missing() {
  while [ $# -gt 0 ]; do
    [ -n "$(PATH="$PATH:/usr/sbin" command -v "$1")" ] || echo "$2"
    shift 2
  done
}

# Firefox and WebKit, which the tests in a browser take as well; WebKit needs a screen.
install_browsers() {
  local packages
  packages=$(missing firefox-esr firefox-esr WebKitWebDriver webkit2gtk-driver Xvfb xvfb)
  # shellcheck disable=SC2086 # One word for each package.
  [ -z "$packages" ] || install_packages $packages || return
  # The tests take the whole Chromium where this one is not to be had, and twice the time.
  [ -z "$(missing chromium-headless-shell chromium-headless-shell)" ] || install_packages chromium-headless-shell || true
}

# The proxies of docs/proxies. Without them their tests are skipped, and say so.
install_proxies() {
  local packages
  packages=$(missing nginx nginx caddy caddy haproxy haproxy apache2 apache2 openssl openssl)
  # shellcheck disable=SC2086 # One word for each package.
  [ -z "$packages" ] || install_packages $packages
}

# The list of packages of a fresh image is empty or old: update first.
install_packages() {
  echo "Installing Debian's package $* ..."
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Please install $* first."
    return 1
  fi
  local log
  log=$(mktemp) || return
  # Nothing that comes with a package is to be started: RUNLEVEL says so to Debian's own scripts.
  if DEBIAN_FRONTEND=noninteractive apt-get update -q >"$log" 2>&1 &&
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >>"$log" 2>&1; then
    rm "$log"
  else
    cat "$log"
    rm "$log"
    return 1
  fi
}
