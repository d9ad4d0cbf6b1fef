#!/usr/bin/env bash
# sections.sh NAME: one section of tests/run. Each prints its runner's own summary.
set -eu
cd "$(dirname "$0")/../.."
unset CARGO_TERM_COLOR
cache=${MATINEE_TEST_CACHE:?set by tests/run}
export MATINEE_FIXTURES=$cache/fixtures
python=$cache/venv/bin/python
# What store and Stripe sandbox said to each other is held against Stripe's own description.
agrees_with_stripe() { "$python" tests/oracles/stripe_openapi.py --log "$1" --spec "$MATINEE_FIXTURES/spec3.json"; }
node_test() { node --test --test-reporter=spec --test-concurrency=1 "$@"; }

case $1 in
  fmt) cargo fmt --check && echo "formatted" ;;
  clippy) cargo clippy --locked --all-targets -- -D warnings ;;
  cargo)
    log=$MATINEE_TEST_OUT/stripe.jsonl && rm -f "$log"
    MATINEE_STRIPE_LOG=$log cargo test --locked --no-fail-fast
    agrees_with_stripe "$log"
    ;;
  js) node_test tests/lib/*.test.mjs $(ls tests/js/*.test.mjs 2>/dev/null) ;;
  oracles)
    "$python" -m pytest -q -p no:cacheprovider -o tmp_path_retention_policy=none tests/oracles
    node_test tests/oracles/*.test.mjs
    ;;
  tus) node_test tests/tus/*.test.mjs ;;
  chromium | firefox)
    log=$MATINEE_TEST_OUT/stripe-$1.jsonl && rm -f "$log"
    MATINEE_STRIPE_LOG=$log MATINEE_BROWSER=$1 node_test tests/browser/{journey,resume,connect,money,statements}.test.mjs
    agrees_with_stripe "$log"
    ;;
  pages) node_test tests/browser/pages.test.mjs tests/browser/languages.test.mjs ;;
  lighthouse) node_test tests/browser/lighthouse.test.mjs ;;
  *) echo "no section $1" >&2; exit 2 ;;
esac
