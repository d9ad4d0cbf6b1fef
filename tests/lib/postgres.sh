# Sourced by tests/run: a PostgreSQL of our own for one run, as an ordinary user, on a free port
# of 127.0.0.1, in a folder that goes away. Sets MATINEE_TEST_POSTGRES.

pg_dir='' pg_run=()

# A PostgreSQL given from outside (MATINEE_TEST_POSTGRES) is used as it is.
start_postgres() {
  [ -z "${MATINEE_TEST_POSTGRES:-}" ] || return 0
  local bin port password
  bin=$(postgres_bin)
  pg_dir=$(mktemp -d /tmp/matinee-pg.XXXXXX) || return 1
  if [ "$(id -u)" -eq 0 ]; then               # PostgreSQL refuses to run as root
    chown nobody "$pg_dir"
    pg_run=(setpriv --reuid=nobody --regid=nogroup --clear-groups env "HOME=$pg_dir")
  else
    pg_run=(env)
  fi
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  (cd "$pg_dir" && umask 077 && printf '%s\n' "$password" >password && { [ "$(id -u)" -ne 0 ] || chown nobody password; }
    "${pg_run[@]}" "$bin/initdb" -D data -U matinee --auth=scram-sha-256 --pwfile=password --encoding=UTF8 --locale=C.UTF-8 -N &&
      "${pg_run[@]}" "$bin/pg_ctl" -D data -w -t 30 -l log start -o \
        "-c listen_addresses=127.0.0.1 -p $port -k $pg_dir -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300"
  ) >"$pg_dir.log" 2>&1 || { echo "PostgreSQL did not start:" >&2; tail -n 5 "$pg_dir.log" "$pg_dir/log" >&2; return 1; }
  export MATINEE_TEST_POSTGRES=postgres://matinee:$password@127.0.0.1:$port/postgres
}

stop_postgres() {
  [ -n "$pg_dir" ] || return 0
  (cd "$pg_dir" && "${pg_run[@]}" "$(postgres_bin)/pg_ctl" -D data -m immediate -w -t 20 stop) >/dev/null 2>&1
  rm -rf "$pg_dir" "$pg_dir.log"
  pg_dir=''
}
