"""Sums of the books of orders, from their facts alone: one JSON object a line in, sums out."""

import collections
import json
import sys

sums = collections.Counter()
for text in sys.stdin:
    order = json.loads(text)
    paid, tax = order["paid"], order["tax"]
    back = sum(order["refunds"])
    operator = (paid - tax) * order["points"] // 10_000
    tax_left = tax - tax * back // paid
    operator_left = operator - operator * back // paid
    taken = -sum(amount for amount, _ in order["movements"])
    costs = sum(fee for _, fee in order["movements"])
    parts = {
        "customer": -paid,
        "tax": tax_left,
        "operator_fee": operator_left,
        "provider_fee": order["fee"],
        "refunds": back,
        "disputes": taken,
        "dispute_fees": costs,
    }
    parts["studio_net"] = -sum(parts.values())
    for purpose, minor in parts.items():
        sums[f"{purpose} {order['currency']}"] += minor

json.dump({account: minor for account, minor in sums.items() if minor}, sys.stdout)
