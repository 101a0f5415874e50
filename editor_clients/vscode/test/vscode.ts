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
  static from(parts: { scheme: string; authority?: string; path?: string; query?: string }): Uri {
    return new Uri(parts.scheme, parts.authority ?? "", parts.path ?? "", parts.query ?? "");
  }
  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri(base.scheme, base.authority, [base.path, ...parts].join("/"), base.query);
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

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(start: Position, end: Position);
  constructor(startLine: number, startCharacter: number, endLine: number, endCharacter: number);
  constructor(...given: [Position, Position] | [number, number, number, number]) {
    const [one, other, endLine, endCharacter] = given;
    this.start = typeof one === "number" ? new Position(one, other as number) : one;
    this.end = typeof other === "number" ? new Position(endLine ?? 0, endCharacter ?? 0) : other;
  }
  get isSingleLine(): boolean {
    return this.start.line === this.end.line;
  }
}

export class Selection extends Range {
  get active(): Position {
    return this.end;
  }
}

export class MarkdownString {
  isTrusted?: boolean | { enabledCommands: readonly string[] };
  constructor(public value = "") {}
  appendMarkdown(value: string): this {
    this.value += value;
    return this;
  }
  appendCodeblock(value: string, language = ""): this {
    const fence = "`".repeat(Math.max(3, ...[...value.matchAll(/`+/g)].map(([each]) => each.length + 1)));
    return this.appendMarkdown(`\n${fence}${language}\n${value}\n${fence}\n`);
  }
}

export class Hover {
  readonly contents: MarkdownString[];
  constructor(
    contents: MarkdownString | MarkdownString[],
    readonly range?: Range,
  ) {
    this.contents = Array.isArray(contents) ? contents : [contents];
  }
}

export enum ColorThemeKind {
  Light = 1,
  Dark = 2,
  HighContrast = 3,
  HighContrastLight = 4,
}

export class ThemeColor {
  constructor(readonly id: string) {}
}

export class ThemeIcon {
  static readonly File = new ThemeIcon("file");
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}

export enum TreeItemCollapsibleState {
  None = 0,
  Collapsed = 1,
  Expanded = 2,
}

export class TreeItem {
  constructor(
    readonly label: string,
    readonly collapsibleState = TreeItemCollapsibleState.None,
  ) {}
}

export class FileDecoration {
  constructor(
    readonly badge?: string,
    readonly tooltip?: string,
    readonly color?: ThemeColor,
  ) {}
}

export enum DiagnosticSeverity {
  Error = 0,
  Warning = 1,
}

export enum OverviewRulerLane {
  Left = 1,
}

export enum DecorationRangeBehavior {
  ClosedClosed = 1,
}

export enum ViewColumn {
  Active = -1,
  Beside = -2,
  One = 1,
}

export enum StatusBarAlignment {
  Left = 1,
  Right = 2,
}

export enum ProgressLocation {
  Window = 10,
  Notification = 15,
}

/** A message that the user is shown, until they choose a button, or none. */
export interface Message {
  readonly kind: "info" | "warning" | "error";
  readonly text: string;
  readonly options: { readonly modal?: boolean; readonly detail?: string };
  readonly items: readonly (string | { readonly title: string })[];
  choose(title?: string): void;
}

/** A progress that the user is shown. */
export interface Progress {
  readonly title: string;
  readonly told: { readonly message?: string; readonly increment?: number }[];
  isOpen: boolean;
  cancel(): void;
}

export class TabInputText {
  constructor(readonly uri: Uri) {}
}

/** A webview in the editor area. */
export class WebviewPanel {
  readonly sent: unknown[] = [];
  private readonly disposed = new EventEmitter<void>();
  readonly onDidDispose = this.disposed.event;
  private readonly said = new EventEmitter<unknown>();
  readonly webview = {
    html: "",
    options: {} as unknown,
    cspSource: "https://files.example",
    asWebviewUri: (uri: Uri) => uri,
    onDidReceiveMessage: this.said.event,
    postMessage: async (message: unknown) => this.sent.push(message),
  };
  iconPath: unknown;
  reveals = 0;
  constructor(
    readonly viewType: string,
    public title: string,
  ) {}
  /** For tests: the page says something. */
  say(message: unknown): void {
    this.said.fire(message);
  }
  reveal(): void {
    this.reveals += 1;
  }
  dispose(): void {
    this.disposed.fire();
  }
}

interface WebviewPanelSerializer {
  deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void>;
}

/** For tests: what the user was shown, and what was asked of VS Code. Emptied by `forget`. */
export const user = {
  messages: [] as Message[],
  progresses: [] as Progress[],
  statusItems: [] as StatusBarItem[],
  trees: [] as TreeView[],
  decorations: [] as DecorationProvider[],
  panels: [] as WebviewPanel[],
  serializers: new Map<string, WebviewPanelSerializer>(),
  commands: [] as [string, ...unknown[]][],
  /** The documents that were opened in an editor. */
  shown: [] as string[],
  /** In which columns, where that was asked for. */
  columns: [] as number[],
  /** The labels of each quick pick, and which of them is chosen; undefined is Escape. */
  picks: [] as string[][],
  chooses: undefined as string | undefined,
  /** What each input box began with, and what is typed over it; undefined is Escape. */
  inputs: [] as (string | undefined)[],
  enters: undefined as string | undefined,
  /** What is typed into an input box that then stands there, neither answered nor left. */
  types: undefined as string | undefined,
  settings: new Map<string, unknown>(),
  forget(): void {
    for (const list of [this.messages, this.progresses, this.statusItems, this.commands]) list.length = 0;
    for (const list of [this.picks, this.inputs, this.trees, this.decorations, this.panels, this.columns]) {
      list.length = 0;
    }
    this.shown.length = 0;
    this.chooses = undefined;
    this.enters = undefined;
    this.types = undefined;
    this.settings.clear();
  },
};

/** An input box into which `user` types as soon as it is shown. */
class InputBox {
  value = "";
  private readonly changed = new EventEmitter<string>();
  private readonly accepted = new EventEmitter<void>();
  private readonly hidden = new EventEmitter<void>();
  readonly onDidChangeValue = this.changed.event;
  readonly onDidAccept = this.accepted.event;
  readonly onDidHide = this.hidden.event;

  show(): void {
    user.inputs.push(this.value);
    const typed = user.types ?? user.enters;
    if (typed !== undefined) {
      this.value = typed;
      this.changed.fire(typed);
    }
    if (user.types !== undefined) return;
    (user.enters === undefined ? this.hidden : this.accepted).fire();
  }

  dispose(): void {
    this.hidden.fire();
  }
}

export interface StatusBarItem {
  text: string;
  tooltip?: unknown;
  command?: unknown;
  backgroundColor?: ThemeColor | undefined;
  isShown: boolean;
}

function message(kind: Message["kind"]) {
  return (text: string, ...rest: unknown[]): Promise<unknown> => {
    const [first] = rest;
    const hasOptions = typeof first === "object" && first !== null && !("title" in first);
    const items = (hasOptions ? rest.slice(1) : rest) as Message["items"];
    return new Promise((resolve) => {
      const choose = (title?: string) =>
        resolve(items.find((each) => (typeof each === "string" ? each : each.title) === title));
      user.messages.push({ kind, text, options: hasOptions ? (first as Message["options"]) : {}, items, choose });
    });
  };
}

/** A document that is open. */
export class Document {
  readonly uri: Uri;
  readonly isUntitled = false;
  isDirty = false;
  saves = 0;
  constructor(uri: string) {
    this.uri = Uri.parse(uri);
  }
  async save(): Promise<boolean> {
    this.saves += 1;
    this.isDirty = false;
    return true;
  }
}

const activeEditorChanged = new EventEmitter<unknown>();
const textChanged = new EventEmitter<{ document: { uri: Uri }; contentChanges: unknown[] }>();

/** A view of a tree, with what it was told to draw anew. */
export interface TreeView {
  visible: boolean;
  badge?: unknown;
  message?: string;
  readonly drawnAnew: unknown[];
  readonly revealed: unknown[];
  readonly provider: TreeProvider;
  show(isVisible: boolean): void;
}

interface TreeProvider {
  onDidChangeTreeData: EventEmitter<unknown>["event"];
  getChildren(element?: unknown): unknown[];
  getTreeItem(element: unknown): TreeItem;
  getParent(element: unknown): unknown;
}

interface DecorationProvider {
  onDidChangeFileDecorations?: EventEmitter<Uri[]>["event"];
  provideFileDecoration(uri: Uri): FileDecoration | undefined;
}

const documentClosed = new EventEmitter<{ uri: Uri }>();
const visibleEditorsChanged = new EventEmitter<unknown>();
const diagnosticsChanged = new EventEmitter<{ uris: Uri[] }>();
const trustGranted = new EventEmitter<void>();
const foldersChanged = new EventEmitter<void>();
const configurationChanged = new EventEmitter<{ affectsConfiguration(name: string): boolean }>();

/** What a test finds in place of an editor's tab. */
export interface Tab {
  readonly label: string;
  readonly input?: unknown;
}

export class TabInputTextDiff {
  constructor(
    readonly original: Uri,
    readonly modified: Uri,
  ) {}
}

export class CodeLens {
  constructor(
    readonly range: Range,
    readonly command?: unknown,
  ) {}
}

export enum CommentMode {
  Editing = 0,
  Preview = 1,
}

/** A provider of text for documents that are no files, by its scheme. */
export interface ContentProvider {
  provideTextDocumentContent(uri: Uri): Promise<string>;
  onDidChange: EventEmitter<Uri>["event"];
}

const tabsChanged = new EventEmitter<unknown>();

/** The providers that were registered: tests ask them as VS Code would. */
export const providers = {
  content: new Map<string, ContentProvider>(),
  lenses: undefined as { provideCodeLenses(document: unknown): Promise<CodeLens[]> } | undefined,
  hovers: undefined as { provideHover(document: unknown, position: Position): Promise<Hover | undefined> } | undefined,
};

interface CommentThread {
  readonly uri: Uri;
  readonly range: Range;
  comments: unknown[];
  label?: string;
  dispose(): void;
}

export const comments = {
  /** For tests: the threads that were made. */
  threads: [] as CommentThread[],
  createCommentController: (id: string, label: string) => ({
    id,
    label,
    createCommentThread(uri: Uri, range: Range, found: unknown[]): CommentThread {
      const thread = { uri, range, comments: found, dispose: () => {} };
      comments.threads.push(thread);
      return thread;
    },
    dispose: () => {},
  }),
};

export const languages = {
  registerCodeLensProvider(_: unknown, provider: NonNullable<typeof providers.lenses>): Disposable {
    providers.lenses = provider;
    return new Disposable(() => {
      providers.lenses = undefined;
    });
  },
  registerHoverProvider(_: unknown, provider: NonNullable<typeof providers.hovers>): Disposable {
    providers.hovers = provider;
    return new Disposable(() => {
      providers.hovers = undefined;
    });
  },
  onDidChangeDiagnostics: diagnosticsChanged.event,
  getDiagnostics: (_: Uri): { severity: DiagnosticSeverity; range: Range }[] => [],
};

const tabGroup = { viewColumn: 1, tabs: [] as Tab[], activeTab: undefined as Tab | undefined };

export const window = {
  tabGroups: {
    all: [tabGroup],
    activeTabGroup: tabGroup,
    onDidChangeTabs: tabsChanged.event,
    onDidChangeTabGroups: tabsChanged.event,
    async close(given: Tab | readonly Tab[]): Promise<void> {
      const closing = [given].flat();
      tabGroup.tabs = tabGroup.tabs.filter((tab) => !closing.includes(tab));
      if (tabGroup.activeTab && closing.includes(tabGroup.activeTab)) tabGroup.activeTab = tabGroup.tabs[0];
      tabsChanged.fire(undefined);
    },
    /** For tests: an editor is opened, in front. */
    open(tab: Tab): void {
      tabGroup.tabs.push(tab);
      tabGroup.activeTab = tab;
      tabsChanged.fire(undefined);
    },
  },
  onDidChangeTextEditorVisibleRanges: new EventEmitter<unknown>().event,
  visibleTextEditors: [] as unknown[],
  onDidChangeVisibleTextEditors: visibleEditorsChanged.event,
  createTextEditorDecorationType: (options: unknown) => ({ options, dispose: () => {} }),
  registerFileDecorationProvider(provider: DecorationProvider): Disposable {
    user.decorations.push(provider);
    return new Disposable(() => {});
  },
  createTreeView(_: string, { treeDataProvider: provider }: { treeDataProvider: TreeProvider }) {
    const visibility = new EventEmitter<void>();
    const view: TreeView = {
      ...{ visible: false, drawnAnew: [], revealed: [], provider },
      show(isVisible) {
        view.visible = isVisible;
        visibility.fire();
      },
    };
    provider.onDidChangeTreeData((element) => view.drawnAnew.push(element));
    user.trees.push(view);
    const reveal = async (element: unknown) => void view.revealed.push(element);
    return Object.assign(view, { onDidChangeVisibility: visibility.event, reveal, dispose: () => {} });
  },
  activeTextEditor: undefined as { document: { uri: Uri }; selection?: Selection } | undefined,
  onDidChangeActiveTextEditor: activeEditorChanged.event,
  showInformationMessage: message("info"),
  showWarningMessage: message("warning"),
  showErrorMessage: message("error"),
  async showTextDocument(uri: Uri, options: { viewColumn?: number } = {}): Promise<void> {
    user.shown.push(uri.toString());
    if (options.viewColumn !== undefined) user.columns.push(options.viewColumn);
  },
  activeColorTheme: { kind: ColorThemeKind.Dark },
  createWebviewPanel(viewType: string, title: string): WebviewPanel {
    const panel = new WebviewPanel(viewType, title);
    user.panels.push(panel);
    return panel;
  },
  registerWebviewPanelSerializer(viewType: string, serializer: WebviewPanelSerializer): Disposable {
    user.serializers.set(viewType, serializer);
    return new Disposable(() => user.serializers.delete(viewType));
  },
  async showQuickPick<T extends { label: string }>(items: readonly T[]): Promise<T | undefined> {
    user.picks.push(items.map((item) => item.label));
    return items.find((item) => item.label === user.chooses);
  },
  createInputBox(): InputBox {
    return new InputBox();
  },
  async showInputBox({ value }: { value?: string }): Promise<string | undefined> {
    user.inputs.push(value);
    return user.enters;
  },
  createStatusBarItem(): StatusBarItem & { show(): void; hide(): void; dispose(): void } {
    const item = {
      text: "",
      isShown: false,
      show: () => {
        item.isShown = true;
      },
      hide: () => {
        item.isShown = false;
      },
      dispose: () => {
        item.isShown = false;
      },
    };
    user.statusItems.push(item);
    return item;
  },
  async withProgress<R>(
    { title }: { title: string },
    task: (
      progress: { report(value: Progress["told"][number]): void },
      token: { onCancellationRequested: EventEmitter<void>["event"] },
    ) => Promise<R>,
  ): Promise<R> {
    const cancelled = new EventEmitter<void>();
    const shown: Progress = { title, told: [], isOpen: true, cancel: () => cancelled.fire() };
    user.progresses.push(shown);
    const report = (value: Progress["told"][number]) => void shown.told.push(value);
    try {
      return await task({ report }, { onCancellationRequested: cancelled.event });
    } finally {
      shown.isOpen = false;
    }
  },
};

export const workspace = {
  workspaceFolders: undefined as { readonly uri: Uri }[] | undefined,
  textDocuments: [] as { uri: Uri }[],
  registerTextDocumentContentProvider(scheme: string, provider: ContentProvider): Disposable {
    providers.content.set(scheme, provider);
    return new Disposable(() => providers.content.delete(scheme));
  },
  isTrusted: true,
  onDidChangeTextDocument: textChanged.event,
  onDidCloseTextDocument: documentClosed.event,
  onDidChangeConfiguration: configurationChanged.event,
  onDidGrantWorkspaceTrust: trustGranted.event,
  onDidChangeWorkspaceFolders: foldersChanged.event,
  /** For tests: the user changes a setting. */
  set(name: string, value: unknown): void {
    user.settings.set(name, value);
    configurationChanged.fire({ affectsConfiguration: (each) => name.startsWith(each) });
  },
  /** For tests: the user types. */
  type: (uri: Uri) => textChanged.fire({ document: { uri }, contentChanges: [{}] }),
  getConfiguration: (section: string) => ({ get: (name: string) => user.settings.get(`${section}.${name}`) }),
};

const registered = new Map<string, (...given: unknown[]) => unknown>();

export const commands = {
  registerCommand(name: string, work: (...given: unknown[]) => unknown): Disposable {
    registered.set(name, work);
    return new Disposable(() => registered.delete(name));
  },
  async executeCommand(...command: [string, ...unknown[]]): Promise<unknown> {
    user.commands.push(command);
    const [name, ...given] = command;
    return registered.get(name)?.(...given);
  },
};

export enum CompletionItemKind {
  Field = 4,
  Property = 9,
  File = 16,
  Folder = 18,
}

export enum ConfigurationTarget {
  Global = 1,
}

/** Other extensions: tests put in what they need. */
export const extensions = {
  getExtension: (_id: string): unknown => undefined,
};
