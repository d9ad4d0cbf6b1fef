"""The books and the statements of a year, from the facts of its orders and splits alone.

One JSON object a line comes in, orders and splits; sums of the books and every account's months go
out. Nothing here is taken over from the store: a sale falls under the newest split that had begun,
what is recouped comes first, the rest is shared by largest remainder, and a month is what somebody
has at its end less what they had before it.
"""

import collections
import datetime
import json
import sys

STUDIO = ""  # sorts before everybody who shares
WHOLE = 10_000
# What a statement of a studio says of a month; the store's own fees and costs are taken off gross.
COLUMNS = ("sold", "gross", "tax", "operator_fee", "provider_fee", "refunds", "disputes", "dispute_fees", "net")


def month_of(milliseconds):
    return datetime.datetime.fromtimestamp(milliseconds // 1000, datetime.timezone.utc).strftime("%Y-%m")


def from_to(first, last):
    """All months of the calendar between two, also those in which nothing was booked."""
    while first <= last:
        yield first
        year, month = map(int, first.split("-"))
        first = f"{year + month // 12}-{month % 12 + 1:02}"


def under(splits, sold_at):
    """The number of the split that a sale falls under; 0 where there is none."""
    begun = [(split["valid_from"], split["number"]) for split in splits if split["valid_from"] <= sold_at]
    return max(begun)[1] if begun else 0


def largest_remainder(amount, shares):
    sign, size = (-1 if amount < 0 else 1), abs(amount)
    parts = {party: size * points // WHOLE for party, points in shares}
    by_remainder = sorted(shares, key=lambda share: (-(size * share[1] % WHOLE), share[0]))
    for party, _ in by_remainder[: size - sum(parts.values())]:
        parts[party] += 1
    return {party: sign * part for party, part in parts.items()}


def divide(splits, income, currency):
    """What everybody has, given what the sales under each split have brought."""
    has = collections.Counter({STUDIO: income.get(0, 0)})
    recouped = collections.Counter()
    for split in sorted(splits, key=lambda split: (split["valid_from"], split["number"])):
        if split["number"] not in income:
            continue
        left = income[split["number"]]
        for party, code, amount in split["firsts"]:
            if code == currency:
                taken = min(max(amount - recouped[party], 0), max(left, 0))
                recouped[party] += taken
                has[party] += taken
                left -= taken
        for party, part in largest_remainder(left, [tuple(share) for share in split["shares"]]).items():
            has[party] += part
    return has


def postings(order):
    """When what was booked for an order: the sale, then all that became of it."""
    paid, tax = order["paid"], order["tax"]
    operator = (paid - tax) * order["points"] // WHOLE
    sale = {"sold": 1, "gross": paid, "tax": tax, "operator_fee": operator, "provider_fee": order["fee"]}
    sale["net"] = paid - tax - operator - order["fee"]
    yield order["sold_at"], sale
    back = sum(order["refunds"])
    change = {
        "tax": -(tax * back // paid),
        "operator_fee": -(operator * back // paid),
        "refunds": back,
        "disputes": -sum(amount for amount, _ in order["movements"]),
        "dispute_fees": sum(fee for _, fee in order["movements"]),
    }
    change["net"] = -sum(change.values())
    if any(change.values()):
        yield order["changed_at"], change


def main():
    orders, splits = [], collections.defaultdict(list)
    for text in sys.stdin:
        fact = json.loads(text)
        (splits[fact["title"]] if "shares" in fact else orders).append(fact)
    studios, moved, months = {}, collections.defaultdict(lambda: collections.defaultdict(collections.Counter)), set()
    books = collections.Counter()
    for order in orders:
        title, currency = order["title"], order["currency"]
        studios[title] = order["studio"]
        era = under(splits[title], order["sold_at"])
        for at, columns in postings(order):
            months.add(month_of(at))
            moved[month_of(at)][title, currency, era].update(columns)
            for column, minor in columns.items():
                if column not in ("sold", "gross", "net"):
                    books[f"{column} {currency}"] += minor
            books[f"customer {currency}"] -= columns.get("gross", 0)
    accounts = {}
    income = collections.defaultdict(dict)
    had = collections.defaultdict(collections.Counter)
    for month in from_to(min(months), max(months)):
        sums = collections.defaultdict(collections.Counter)
        for (title, currency, era), columns in moved[month].items():
            sums[studios[title], currency].update(columns)
            eras = income[title, currency]
            eras[era] = eras.get(era, 0) + columns["net"]
        has = collections.defaultdict(collections.Counter)
        for (title, currency), eras in income.items():
            for party, minor in divide(splits[title], eras, currency).items():
                has[studios[title], currency][party] += minor
        for (studio, currency), parties in has.items():
            before = had[studio, currency]
            for party, minor in parties.items():
                line = [before[party], minor]
                if party == STUDIO:
                    line = [sums[studio, currency][column] for column in COLUMNS] + line
                if any(line):
                    accounts[f"{studio}|{party}|{month}|{currency}"] = line
        had = has
    for (studio, currency), parties in had.items():
        for party, minor in parties.items():
            books[f"{'participant' if party else 'studio_net'} {currency}"] += minor
    books = {account: minor for account, minor in books.items() if minor}
    json.dump({"books": books, "accounts": accounts}, sys.stdout)


main()
