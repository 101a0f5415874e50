// A webview in the editor area. Its page is the folder `src/webviews/<page>`: `main.ts` with its style sheet `main.css`. The page
// shows one value at a time, whole: it is sent again whenever VS Code has made the page anew, so a page
// keeps nothing, but for what the user has chosen on it.

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { READY } from "./messages";
import { shell } from "./shell";

export interface PanelOptions {
  /** The folder in `src/webviews`. */
  readonly page: string;
  readonly title: string;
  /** Where it opens; left out for the active group. */
  readonly column?: vscode.ViewColumn;
  /** The one that VS Code has brought back after the window was loaded anew; left out for a new one. */
  readonly restored?: vscode.WebviewPanel;
}

/** `Shown` is what the page is sent, `Said` what it sends: both are plain data with a `kind`, or the like. */
export class Panel<Shown, Said> implements vscode.Disposable {
  private readonly panel: vscode.WebviewPanel;
  private readonly said = new vscode.EventEmitter<Said>();
  /** The page said something. It is our own script, but what it repeats may come from a plan. */
  readonly onDidSay = this.said.event;
  readonly onDidDispose: vscode.Event<void>;
  private shown: { readonly value: Shown } | undefined;

  constructor(extension: vscode.Uri, options: PanelOptions) {
    const { page, title, column = vscode.ViewColumn.Active } = options;
    const folder = vscode.Uri.joinPath(extension, "dist", "webviews", page);
    const type = `agentServer.${page}`;
    this.panel = options.restored ?? vscode.window.createWebviewPanel(type, title, column);
    this.panel.title = title;
    this.panel.webview.options = {
      enableScripts: true,
      enableForms: false,
      enableCommandUris: false,
      localResourceRoots: [folder],
    };
    const media = (name: string) => vscode.Uri.joinPath(extension, "media", name);
    this.panel.iconPath = { light: media("plan-light.svg"), dark: media("plan-dark.svg") };
    this.onDidDispose = this.panel.onDidDispose;
    this.panel.onDidDispose(() => this.said.dispose());
    const { webview } = this.panel;
    webview.onDidReceiveMessage((message: unknown) => this.hear(message));
    webview.html = shell({
      title,
      script: webview.asWebviewUri(vscode.Uri.joinPath(folder, "main.js")).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(folder, "main.css")).toString(),
      source: webview.cspSource,
      nonce: randomBytes(16).toString("base64url"),
    });
  }

  /** Whether it is the editor in front, in the group where the user is. */
  get isActive(): boolean {
    return this.panel.active;
  }

  set title(title: string) {
    this.panel.title = title;
  }

  /** Have the page show this, now or as soon as it is there. */
  show(value: Shown): void {
    this.shown = { value };
    void this.panel.webview.postMessage(value);
  }

  reveal(): void {
    this.panel.reveal();
  }

  dispose(): void {
    this.panel.dispose();
  }

  private hear(message: unknown): void {
    if (message !== READY) this.said.fire(message as Said);
    else if (this.shown) void this.panel.webview.postMessage(this.shown.value);
  }
}
