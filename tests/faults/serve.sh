#!/usr/bin/env bash
# What a sweep runs: the demo on $LIVE, $PORT and perhaps $DATABASE with one worker thread, its pid
# in $LIVE.pid.
echo $$ >"$LIVE.pid"
export TOKIO_WORKER_THREADS=1 RUST_LOG=warn
exec "$MATINEE_BIN" demo --empty --own-account --bind "127.0.0.1:$PORT" --data "$LIVE" ${DATABASE:+--database "$DATABASE"}
