"""Uploads a file with tuspy, stops half-way, and goes on with a new client.

The one argument is JSON: file, endpoint, headers, metadata, piece, stop. Prints the address of
the upload and the offset at which the first client stopped.
"""

import json
import sys

from tusclient.client import TusClient

order = json.loads(sys.argv[1])


def uploader(**more):
    client = TusClient(order["endpoint"], headers=order["headers"])
    return client.uploader(
        order["file"],
        chunk_size=order["piece"],
        metadata=order["metadata"],
        upload_checksum=True,
        **more,
    )


first = uploader()
first.upload(stop_at=order["stop"])
second = uploader(url=first.url)
assert second.offset == first.offset, (second.offset, first.offset)
second.upload()
print(json.dumps({"stopped": first.offset, "url": first.url}))
