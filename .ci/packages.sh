# Debian packages for the tests; programs that are installed already are used. Sourced by `run`.

# missing PROGRAM PACKAGE...: prints the packages of the programs that are not installed, one per line.
missing() {
  while [ $# -gt 0 ]; do
    [ -n "$(PATH="$PATH:/usr/sbin" command -v "$1")" ] || echo "$2"
    shift 2
  done
}

# Firefox and WebKit for the tests in other browsers; WebKit needs a screen.
install_browsers() {
  local packages
  packages=$(missing firefox-esr firefox-esr WebKitWebDriver webkit2gtk-driver Xvfb xvfb)
  # shellcheck disable=SC2086 # One word per package.
  [ -z "$packages" ] || install_packages $packages || return
  # Without this smaller Chromium the tests use the full one, and take twice as long.
  [ -z "$(missing chromium-headless-shell chromium-headless-shell)" ] || install_packages chromium-headless-shell || true
}

# The proxies of ops/proxies. Without them their tests are skipped, with a message.
install_proxies() {
  local packages
  packages=$(missing nginx nginx caddy caddy haproxy haproxy apache2 apache2 openssl openssl)
  # shellcheck disable=SC2086 # One word per package.
  [ -z "$packages" ] || install_packages $packages
}

# Prometheus and Alertmanager for the tests of ops/. Without them those tests are skipped, with a message.
install_monitoring() {
  local packages
  packages=$(missing prometheus prometheus prometheus-alertmanager prometheus-alertmanager)
  # shellcheck disable=SC2086 # One word per package.
  [ -z "$packages" ] || install_packages $packages
}

# What the tests of ops/ need besides: Go renders the Helm chart, systemd checks its units. Without them, as above.
install_deploying() {
  local packages
  packages=$(missing go golang-go systemd-analyze systemd)
  [ -d /usr/share/gocode/src/github.com/Masterminds/sprig ] ||
    packages="$packages golang-github-masterminds-sprig-dev golang-k8s-sigs-yaml-dev"
  # shellcheck disable=SC2086 # One word per package.
  [ -z "$packages" ] || install_packages $packages
}

# The package list of a fresh image is empty or outdated: update it first.
install_packages() {
  echo "Installing Debian's package $* ..."
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Please install $* first."
    return 1
  fi
  local log
  log=$(mktemp) || return
  # Services of the packages must not be started: RUNLEVEL tells Debian's scripts.
  if DEBIAN_FRONTEND=noninteractive apt-get update -q >"$log" 2>&1 &&
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >>"$log" 2>&1; then
    rm "$log"
  else
    cat "$log"
    rm "$log"
    return 1
  fi
}
