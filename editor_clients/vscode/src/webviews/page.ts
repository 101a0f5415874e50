// The other side of a panel, in the webview.

import { READY } from "./messages";

interface VsCode {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCode;

/** VS Code gives it to a page once. */
const vscode = acquireVsCodeApi();

/** Calls `show` with each value that the panel wants to be shown. Returns how to say something to the panel. */
export function page<Shown, Said>(show: (value: Shown) => void): (message: Said) => void {
  window.addEventListener("message", (event: MessageEvent<Shown>) => show(event.data));
  vscode.postMessage(READY);
  return (message) => vscode.postMessage(message);
}

/** Has VS Code keep something for the page: until the tab is closed, while it is hidden and when the window is loaded anew. */
export function remember(state: unknown): void {
  vscode.setState(state);
}

/** What was to be remembered; undefined in a new tab. */
export function remembered(): unknown {
  return vscode.getState();
}

/** What an element is made of: texts, which are never read as HTML, and elements. */
export type Content = string | Node | undefined;

/** Makes an element. Attributes that are undefined are left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | undefined>>,
  ...contents: readonly Content[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...contents.filter((each) => each !== undefined));
  return made;
}
