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

/** Passes bytes from one socket to the other over a link, in their order. */
function pass(from, to, link, listen) {
  const queue = []; // what is on its way: when it arrives, how long it is, what happens then
  let underWay = 0;
  let timer;
  const deliver = () => {
    timer = undefined;
    const now = performance.now();
    while (queue.length > 0 && queue[0].time <= now + 0.5) {
      const { bytes, action } = queue.shift();
      underWay -= bytes;
      action();
    }
    if (underWay <= WINDOW / 2 && !to.writableNeedDrain) from.resume();
    if (queue.length > 0) timer = setTimeout(deliver, queue[0].time - performance.now());
  };
  const send = (time, bytes, action) => {
    queue.push({ time, bytes, action });
    underWay += bytes;
    timer ??= setTimeout(deliver, time - performance.now());
  };
  const soon = () => performance.now() + link.delayMs;
  from.on("data", (bytes) => {
    listen?.(bytes);
    if (!link.delayMs && !link.msPerByte) {
      if (!to.write(bytes)) from.pause();
      return;
    }
    for (let start = 0; start < bytes.length; start += PIECE) {
      const piece = bytes.subarray(start, start + PIECE);
      send(link.arrival(piece.length), piece.length, () => to.destroyed || to.write(piece));
    }
    if (underWay > WINDOW || to.writableNeedDrain) from.pause();
  });
  to.on("drain", () => underWay <= WINDOW / 2 && from.resume());
  from.on("end", () => send(soon(), 0, () => to.end()));
  from.on("close", () => send(soon(), 0, () => to.destroy()));
  from.on("error", () => {});
}

/** Lays a line to `target` (a port). `delayMs` is one way, so a round trip takes twice that. */
export async function lay({ target = 0, delayMs = 0, bitsPerSecond = 0, record = false }) {
  const up = new Link(bitsPerSecond, delayMs);
  const down = new Link(bitsPerSecond, delayMs);
  const open = new Set();
  const wire = { target, sent: [], up: 0, received: 0, requests: [] };
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
      wire.up += bytes.length;
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
