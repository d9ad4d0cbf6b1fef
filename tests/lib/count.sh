#!/usr/bin/env bash
# count.sh LOG CODE: adds up the summary lines of cargo, node --test and pytest in a log and
# prints "passed failed". A section without such a line counts as one test; one that ends badly
# without a failed test in its summary (it did not compile, it was ended) counts as one failed.
set -u
awk -v code="$2" '
  /^test result:/        { for (i = 1; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^failed/) f += $(i-1) } seen = 1 }
  /^(ℹ|#) pass [0-9]+$/  { p += $3; seen = 1 }
  /^(ℹ|#) fail [0-9]+$/  { f += $3; seen = 1 }
  /^(=+ )?[0-9]+ (passed|failed|error|skipped).* in [0-9.]+s/   { for (i = 1; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^(failed|errors?)/) f += $(i-1) } seen = 1 }
  END {
    if (!seen && code == 0) p = 1
    if (code != 0 && f == 0) f = 1
    print p + 0, f + 0
  }' "$1"
