"""Copies one published title of a SQLite store until there are COUNT of them: fill.py FILE COUNT

Every copy has its own name, date, price and genres, as 10,000 different films would.
"""

import sqlite3
import sys

GENRES = "action adventure animation comedy documentary drama family fantasy horror romance thriller".split()

db = sqlite3.connect(sys.argv[1])
db.row_factory = sqlite3.Row
count = int(sys.argv[2])
have = db.execute("SELECT COUNT(*) FROM title").fetchone()[0]
model = dict(db.execute("SELECT * FROM title WHERE state = 'published' LIMIT 1").fetchone())
offer = dict(db.execute("SELECT * FROM offer WHERE title_id = ?", (model["id"],)).fetchone())
known = {row[0] for row in db.execute("SELECT genre FROM title_genre")} | set(model["genres"].split(","))
genres = sorted(known & set(GENRES) or known)


def insert(table, row):
    names = ", ".join(row)
    marks = ", ".join("?" for _ in row)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


for number in range(have, count):
    title = dict(model)
    title["id"] = f"{model['id'][:-12]}{number:012x}"
    title["slug"] = f"copy-{number}"
    title["name"] = f"{model['name']} {number}"
    title["sort_name"] = f"{model['sort_name']} {number:05}"
    title["search_text"] = f"{model['search_text']} {number}"
    title["published_at"] = model["published_at"] - number * 1000
    genre = genres[number % len(genres)]
    title["genres"] = genre
    insert("title", title)
    insert("title_genre", {"title_id": title["id"], "genre": genre})
    price = dict(offer, id=f"{offer['id'][:-12]}{number:012x}", title_id=title["id"])
    price["price_minor"] = 199 + number % 1500
    insert("offer", price)
db.commit()
db.execute("ANALYZE")
print(db.execute("SELECT COUNT(*) FROM title").fetchone()[0])
