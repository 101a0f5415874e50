// The environments with servers that this extension has made, in its global storage: `server/1`, `server/2`, … Each is made once and
// never changed, since a daemon may run from it. What is whole has a file that says so; the rest was broken off.

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generations } from "./installing";

const WHOLE = "whole";
/** A daemon that still runs has the one before. */
const KEPT = 2;

export class Environments {
  constructor(private readonly folder: string) {}

  /** The whole ones, the newest first. */
  async all(): Promise<string[]> {
    const found: string[] = [];
    for (const number of await this.numbers()) {
      const folder = join(this.folder, `${number}`);
      if ((await namesIn(folder)).includes(WHOLE)) found.push(folder);
    }
    return found;
  }

  /** A new one, filled by `fill`. What fails leaves nothing behind. */
  async make(fill: (folder: string) => Promise<void>): Promise<string> {
    const [newest = 0] = await this.numbers();
    const folder = join(this.folder, `${newest + 1}`);
    await mkdir(folder, { recursive: true });
    try {
      await fill(folder);
      await writeFile(join(folder, WHOLE), "");
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    const old = (await this.all()).slice(KEPT);
    await Promise.all(old.map((each) => rm(each, { recursive: true, force: true })));
    return folder;
  }

  private async numbers(): Promise<number[]> {
    return generations(await namesIn(this.folder));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
