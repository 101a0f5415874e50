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

/** The steps that make an environment in `folder` with the package in it. */
export function steps(maker: Maker, folder: string, wanted: string): Step[] {
  const python = join(folder, "bin", "python");
  const made = "Making a Python environment…";
  const installed = "Downloading and installing…";
  if (maker.kind === "uv") {
    return [
      { says: made, program: maker.program, arguments: ["venv", "--no-project", "--python", ">=3.11", folder] },
      { says: installed, program: maker.program, arguments: ["pip", "install", "--python", python, wanted] },
    ];
  }
  const quiet = ["--disable-pip-version-check", "--no-input"];
  return [
    { says: made, program: maker.program, arguments: ["-I", "-m", "venv", folder] },
    { says: installed, program: python, arguments: ["-I", "-m", "pip", "install", ...quiet, wanted] },
  ];
}

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
