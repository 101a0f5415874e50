// Elements of HTML and SVG as plain values. Pictures and views are made of them, so that they can be made and tested where there is
// no page. They become text for an image (`xml`), or nodes of a page (`webviews/show.ts`): in both, other people's words stay words.

import { visible } from "../plans/words";

export interface Markup {
  readonly name: string;
  /** An attribute without a value is left out. */
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly children: readonly Content[];
}

export type Content = Markup | string;

export function element(name: string, attributes: Markup["attributes"] = {}, ...children: Content[]): Markup {
  return { name, attributes, children };
}

/** The markup as XML, for a file or an image. */
export function xml(content: Content): string {
  if (typeof content === "string") return escaped(content);
  const attributes = Object.entries(content.attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join("");
  const inner = content.children.map(xml).join("");
  return inner ? `<${content.name}${attributes}>${inner}</${content.name}>` : `<${content.name}${attributes}/>`;
}

/** XML cannot hold every character, not even escaped: those are spelled out. */
function escaped(text: string): string {
  return visible(text)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;");
}
