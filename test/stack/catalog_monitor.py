"""The seed's catalog_monitor.py, as far as its database goes: ordinary SQL on its own file, and nothing of Tidemark's.

catalog_monitor.py FILE COUNT PICTURES adds COUNT new products; their pictures lie at PICTURES/<n>.svg.
"""

import sqlite3
import sys
from datetime import datetime, timezone

file, count, pictures = sys.argv[1], int(sys.argv[2]), sys.argv[3]
db = sqlite3.connect(file)
db.execute(
    """CREATE TABLE IF NOT EXISTS products (
        url TEXT PRIMARY KEY, title TEXT, retailer TEXT, price REAL, currency TEXT, image_url TEXT,
        lifecycle_stage TEXT DEFAULT 'pending_assessment', assessed_at TEXT, modesty_status TEXT,
        shopify_status TEXT DEFAULT 'draft', first_seen TEXT, last_updated TEXT,
        neckline TEXT, scraped_with TEXT)"""
)
now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
(known,) = db.execute("SELECT count(*) FROM products").fetchone()
for n in range(known, known + count):
    db.execute(
        """INSERT INTO products (url, title, retailer, price, currency, image_url, lifecycle_stage, first_seen,
            last_updated, neckline, scraped_with) VALUES (?, ?, 'Anthropologie', ?, 'USD', ?, 'pending_assessment', ?, ?, 'round', 'monitor 2')""",
        (
            f"https://www.anthropologie.example/shop/dress-{n:02}?utm_source=monitor",
            f"Dress {n:02}",
            49.0 + n / 100,
            f"{pictures}/{n}.svg",
            now,
            now,
        ),
    )
db.commit()
print(f"Sent {count} products to modesty review")
