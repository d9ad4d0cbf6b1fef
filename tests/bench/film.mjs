// Films for the benchmarks, made once by ffmpeg and kept in the cache.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

const folder = join(process.env.MATINEE_TEST_CACHE ?? join(process.env.HOME ?? "/tmp", ".cache/matinee-tests"), "films");

function film(name, seconds, ...options) {
  const file = join(folder, name);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const sources = ["-f", "lavfi", "-i", `testsrc2=s=1280x720:r=24,noise=alls=12:allf=t`, "-f", "lavfi", "-i", "sine=440:r=48000"];
    const form = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "48", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart"];
    execFileSync("ffmpeg", ["-v", "error", ...sources, "-t", String(seconds), ...form, ...options, "-y", `${file}.part.mp4`]);
    renameSync(`${file}.part.mp4`, file); // a film that was cut off half-way is not kept
  }
  return file;
}

/** Ten minutes at about 4 Mbit/s: what a line of 20 Mbit/s plays with room to spare. */
export const tenMinutes = () => film("ten-minutes.mp4", 600, "-b:v", "3800k", "-maxrate", "5000k", "-bufsize", "8000k");
