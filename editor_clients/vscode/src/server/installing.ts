// What is run to install the server into an environment of its own. Values only: `installation.ts` runs it.

import { join } from "node:path";

/** What makes environments: `uv`, which brings a Python where there is none, or a Python that is new enough. */
export interface Maker {
  readonly kind: "uv" | "python";
  readonly program: string;
}

export interface Step {
  /** What the user sees meanwhile. */
  readonly says: string;
  readonly program: string;
  readonly arguments: readonly string[];
}

/** Programs that may be a Python that is new enough, the likeliest first. */
export const PYTHONS = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];

/** Has a Python say whether it will do. Without `ensurepip`, which Debian packs apart, it makes no environment with a `pip`. */
export const PROBE = [
  "-I",
  "-c",
  "import sys\nassert sys.version_info >= (3, 11)\ntry:\n import ensurepip\n print('good')\nexcept ImportError:\n print('bare')",
];

export const NO_PYTHON =
  "Agent Server needs Python 3.11 or later, and there is none here. Install it from python.org or with your system's packages, or install uv.";
export const BARE_PYTHON =
  "The Python here cannot make environments. On Debian and Ubuntu, install the package python3-venv; or install uv.";

/** What is to be installed: a package that the user names, or an archive of the server's sources, packed by `bundle_server.py`. */
export type Wanted = { readonly named: string } | { readonly archive: string };

/** The steps that make an environment in `folder` with the server in it. */
export function steps(maker: Maker, folder: string, wanted: Wanted): Step[] {
  const python = join(folder, "bin", "python");
  const sources = join(folder, "sources");
  const make =
    maker.kind === "uv" ? ["venv", "--no-project", "--python", ">=3.11", folder] : ["-I", "-m", "venv", folder];
  const steps: Step[] = [{ says: "Making a Python environment…", program: maker.program, arguments: make }];
  if ("archive" in wanted) {
    // Every Python unpacks xz, uv does not.
    const unpack = ["-I", "-m", "tarfile", "-e", wanted.archive, sources];
    steps.push({ says: "Unpacking the server…", program: python, arguments: unpack });
  }
  const named = "archive" in wanted ? join(sources, ARCHIVED) : wanted.named;
  const [program, install] =
    maker.kind === "uv"
      ? [maker.program, ["pip", "install", "--python", python]]
      : [python, ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]];
  steps.push({ says: "Downloading and installing…", program, arguments: [...install, named] });
  return steps;
}

/** The folder that all lies in, in the archive. */
const ARCHIVED = "agent-server";

/** Whether the setting names a package, and is no option of the installer's. */
export function isPackage(wanted: string): boolean {
  return wanted.trim() !== "" && !wanted.startsWith("-");
}

/** The numbers of the environments in a folder, the newest first. */
export function generations(names: readonly string[]): number[] {
  return names
    .filter((name) => /^[1-9]\d{0,8}$/.test(name))
    .map(Number)
    .sort((one, other) => other - one);
}
