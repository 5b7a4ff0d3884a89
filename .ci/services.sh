# PostgreSQL and Redis for the tests: running servers are used, others are started here and stopped at the end.
# TEST_DATABASE_URL and TEST_REDIS_URL name other servers. Sourced by `run` after packages.sh; sets both.

services_dir=
postgres_pid=
redis_pid=

start_services() {
  services_dir=$(mktemp -d) && chmod 755 "$services_dir" || return
  start_postgres && start_redis
}

stop_services() {
  # SIGINT asks PostgreSQL for a fast shutdown: clients are cut off instead of waited for.
  local pid
  for pid in $postgres_pid $redis_pid; do
    kill -INT "$pid" && wait "$pid"
  done 2>/dev/null
  [ -z "$services_dir" ] || rm -rf "$services_dir"
}

start_postgres() {
  [ -n "${TEST_DATABASE_URL:-}" ] && return
  export TEST_DATABASE_URL=postgresql://postgres@127.0.0.1:5432/test
  if psql "$TEST_DATABASE_URL" -w -qtc 'select 1' >/dev/null 2>&1; then
    echo 'PostgreSQL runs already at port 5432.'
    return
  fi
  local bin port
  [ -n "$(postgres_bin)" ] || install_packages postgresql || return
  bin=$(postgres_bin) && port=$(free_port) || return
  echo "Starting a PostgreSQL for the tests at port $port."
  mkdir "$services_dir/postgres" || return
  local as=()
  if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses to run as root.
    chown postgres "$services_dir/postgres" || return
    as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  fi
  "${as[@]}" "$bin/initdb" -D "$services_dir/postgres" -A trust -U postgres >/dev/null || return
  "${as[@]}" "$bin/postgres" -D "$services_dir/postgres" -p "$port" -k '' -c listen_addresses=127.0.0.1 \
    -c fsync=off >"$services_dir/postgres.log" 2>&1 &
  postgres_pid=$!
  export TEST_DATABASE_URL=postgresql://postgres@127.0.0.1:$port/test
  wait_for psql "${TEST_DATABASE_URL%/test}/postgres" -w -qc 'create database test' || { cat "$services_dir/postgres.log"; return 1; }
}

start_redis() {
  # Tests start some of their own as well, to kill them.
  command -v redis-server >/dev/null || install_packages redis-server || return
  [ -n "${TEST_REDIS_URL:-}" ] && return
  export TEST_REDIS_URL=redis://127.0.0.1:6379
  if [ "$(redis-cli -u "$TEST_REDIS_URL" ping 2>/dev/null)" = PONG ]; then
    echo 'Redis runs already at port 6379.'
    return
  fi
  local port
  port=$(free_port) || return
  echo "Starting a Redis for the tests at port $port."
  redis-server --port "$port" --bind 127.0.0.1 --save '' --dir "$services_dir" >"$services_dir/redis.log" 2>&1 &
  redis_pid=$!
  export TEST_REDIS_URL=redis://127.0.0.1:$port
  wait_for redis-cli -u "$TEST_REDIS_URL" ping || { cat "$services_dir/redis.log"; return 1; }
}

postgres_bin() {
  ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1
}

free_port() {
  PATH="$PWD/node_modules/.bin:$PATH" node --input-type=module -e 'import { freePort } from "./backend/testing/free-port.ts"; console.log(await freePort())'
}

# Tries a command for up to 20 seconds.
wait_for() {
  local attempt
  for attempt in $(seq 100); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.2
  done
  echo "This did not work within 20 seconds: $*"
  return 1
}
