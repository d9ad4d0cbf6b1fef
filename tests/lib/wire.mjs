// A TCP line between a client and a server on 127.0.0.1: it can listen in, be slow, or break.
//
//   const wire = await lay({ target: port, delayMs: 20, bitsPerSecond: 20e6 });
//   wire.port; wire.requests; wire.sent; wire.cut(); await wire.close();
//
// Every request of every page, worker and service worker goes over it, which is why the
// measurements use it and not a browser's own throttle.
import net from "node:net";

// Bytes on their way in one connection: about what a home line's buffer holds.
const WINDOW = 128 * 1024;
const PIECE = 4096;

/** A direction's shared capacity: pieces leave one after the other, then travel for a while. */
class Link {
  constructor(bitsPerSecond, delayMs) {
    this.msPerByte = bitsPerSecond ? 8000 / bitsPerSecond : 0;
    this.delayMs = delayMs;
    this.freeAt = 0;
  }

  /** When a piece of that size arrives, if it starts now. */
  arrival(bytes) {
    const now = performance.now();
    this.freeAt = Math.max(now, this.freeAt) + bytes * this.msPerByte;
    return this.freeAt + this.delayMs;
  }
}

/** Passes bytes from one socket to the other over a link. */
function pass(from, to, link, listen) {
  let under_way = 0;
  let last = 0;
  const at = (time, action) => {
    last = Math.max(last, time);
    const wait = last - performance.now();
    if (wait > 0.5) setTimeout(action, wait);
    else action();
  };
  from.on("data", (bytes) => {
    listen?.(bytes);
    if (!link.delayMs && !link.msPerByte) {
      if (!to.write(bytes)) from.pause();
      return;
    }
    under_way += bytes.length;
    if (under_way > WINDOW) from.pause();
    for (let start = 0; start < bytes.length; start += PIECE) {
      const piece = bytes.subarray(start, start + PIECE);
      at(link.arrival(piece.length), () => {
        under_way -= piece.length;
        if (!to.destroyed) to.write(piece);
        if (under_way <= WINDOW / 2) from.resume();
      });
    }
  });
  to.on("drain", () => from.resume());
  from.on("end", () => at(performance.now() + link.delayMs, () => to.end()));
  from.on("close", () => at(performance.now() + link.delayMs, () => to.destroy()));
  from.on("error", () => {});
}

/** Lays a line to `target` (a port). `delayMs` is one way, so a round trip takes twice that. */
export async function lay({ target, delayMs = 0, bitsPerSecond = 0, record = false }) {
  const up = new Link(bitsPerSecond, delayMs);
  const down = new Link(bitsPerSecond, delayMs);
  const open = new Set();
  const wire = { target, sent: [], received: 0, requests: [] };
  const server = net.createServer((client) => {
    const upstream = net.connect({ port: wire.target, host: "127.0.0.1" });
    const pair = [client, upstream];
    for (const socket of pair) {
      socket.setNoDelay(true);
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    }
    pass(client, upstream, up, (bytes) => {
      const line = /^([A-Z]+ \/\S*) HTTP\/1\.1\r\n/.exec(bytes.subarray(0, 2048).toString("latin1"));
      if (line) wire.requests.push(line[1]);
      if (record) wire.sent.push(Buffer.from(bytes));
    });
    pass(upstream, client, down, (bytes) => {
      wire.received += bytes.length;
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  wire.port = server.address().port;
  wire.url = `http://127.0.0.1:${wire.port}`;
  /** Breaks every connection, as a lost line does. */
  wire.cut = () => open.forEach((socket) => socket.destroy());
  wire.close = async () => {
    wire.cut();
    await new Promise((resolve) => server.close(resolve));
  };
  return wire;
}
