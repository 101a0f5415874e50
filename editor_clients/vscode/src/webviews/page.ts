// The other side of a panel, in the webview.

import { READY } from "./messages";

interface VsCode {
  postMessage(message: unknown): void;
}

declare function acquireVsCodeApi(): VsCode;

/** Calls `show` with each value that the panel wants to be shown. Returns how to say something to the panel. To be called once. */
export function page<Shown, Said>(show: (value: Shown) => void): (message: Said) => void {
  const vscode = acquireVsCodeApi();
  window.addEventListener("message", (event: MessageEvent<Shown>) => show(event.data));
  vscode.postMessage(READY);
  return (message) => vscode.postMessage(message);
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
