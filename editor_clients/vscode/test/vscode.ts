// A stand-in for the module `vscode`, for tests of what does not need the editor. It does what VS Code does, as far as it goes.

type Listener<T> = (value: T) => void;

export class Disposable {
  constructor(private readonly free: () => unknown) {}
  static from(...all: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const each of all) each.dispose();
    });
  }
  dispose(): void {
    this.free();
  }
}

export class EventEmitter<T> {
  private readonly listeners = new Set<Listener<T>>();
  readonly event = (listener: Listener<T>): Disposable => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };
  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
  dispose(): void {
    this.listeners.clear();
  }
}

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly authority: string,
    readonly path: string,
    readonly query: string,
  ) {}
  static parse(value: string): Uri {
    const found = /^([a-z][\w+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?/i.exec(value);
    if (!found) throw new Error(`${value} is no URI`);
    const [, scheme = "", authority = "", path = "", query = ""] = found;
    return new Uri(scheme, authority, decodeURIComponent(path), decodeURIComponent(query));
  }
  static file(path: string): Uri {
    return new Uri("file", "", path, "");
  }
  get fsPath(): string {
    return this.path;
  }
  toString(): string {
    const path = this.path.split("/").map(encodeURIComponent).join("/");
    const authority = this.authority || this.scheme === "file" ? `//${this.authority}` : "";
    return `${this.scheme}:${authority}${path}${this.query ? `?${encodeURIComponent(this.query)}` : ""}`;
  }
}
