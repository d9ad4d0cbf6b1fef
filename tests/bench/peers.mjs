// The programs beside which Matinee is measured, each started by us and ended by its pid.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuSecondsOf, childrenOf } from "./measure.mjs";

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function answering(port, child) {
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) throw new Error("the peer ended at its start");
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing answers on port ${port}`);
}

function ended(child) {
  return new Promise((resolve) => (child.exitCode !== null ? resolve() : child.on("exit", resolve)));
}

/** nginx with sendfile and two workers, serving a folder. */
export async function startNginx(root) {
  const home = mkdtempSync(join(tmpdir(), "nginx-"));
  const port = await freePort();
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${home}/${name};`)
    .join(" ");
  const user = process.getuid() === 0 ? "user root;" : "";
  writeFileSync(
    join(home, "nginx.conf"),
    `${user} daemon off; worker_processes 2; pid ${home}/pid; error_log ${home}/error.log;
     events { worker_connections 1024; }
     http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; ${temp}
       types { text/html html; video/mp4 mp4; } default_type application/octet-stream;
       server { listen 127.0.0.1:${port}; root ${root}; } }`,
  );
  const child = spawn("/usr/sbin/nginx", ["-p", home, "-c", join(home, "nginx.conf"), "-e", join(home, "error.log")], {
    stdio: "ignore",
  });
  await answering(port, child);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    cpuSeconds: () => [child.pid, ...childrenOf(child.pid)].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    async stop() {
      child.kill("SIGQUIT");
      await ended(child);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** npm @tus/server with its file store, in a process of its own. */
export async function startTusServer(folder) {
  const port = await freePort();
  const child = spawn(process.execPath, [new URL("tus-server.mjs", import.meta.url).pathname, folder, String(port)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await answering(port, child);
  return {
    url: `http://127.0.0.1:${port}/files`,
    pid: child.pid,
    async stop() {
      child.kill("SIGTERM");
      await ended(child);
    },
  };
}
