// A strict reader of XML, for tests of pictures: it takes elements, attributes and text, and nothing that is not well-formed.

import assert from "node:assert/strict";

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (XmlElement | string)[];
}

const CHARACTERS = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;
const TAG = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
const ENTITY = /&(?:amp|lt|gt|quot|#39);/g;

/** The only element of a document. */
export function readXml(text: string): XmlElement {
  assert.match(text, CHARACTERS, "a character that XML does not have");
  const top: XmlElement = { name: "", attributes: {}, children: [] };
  const open = [top];
  let at = 0;
  while (at < text.length) {
    const parent = open.at(-1);
    assert.ok(parent);
    const next = text.indexOf("<", at);
    const words = text.slice(at, next < 0 ? text.length : next);
    if (words) parent.children.push(decoded(words));
    if (next < 0) break;
    TAG.lastIndex = next;
    const tag = TAG.exec(text);
    assert.ok(tag, `no tag: ${text.slice(next, next + 60)}`);
    const [whole, closing, name = "", attributes = "", empty] = tag;
    if (closing) assert.equal(open.pop()?.name, name, "tags that do not match");
    else {
      const element = { name, attributes: attributesOf(attributes), children: [] };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
    at = next + whole.length;
  }
  assert.equal(open.length, 1, "an element that is not closed");
  const [only, ...more] = top.children;
  assert.ok(only && typeof only !== "string" && !more.length, "more than one element");
  return only;
}

/** All elements, the outermost first. */
export function* elements(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) if (typeof child !== "string") yield* elements(child);
}

/** The text in an element. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");
}

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", value = ""] of text.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    assert.ok(!(name in found), `${name} twice`);
    found[name] = decoded(value);
  }
  return found;
}

function decoded(text: string): string {
  assert.doesNotMatch(text.replace(ENTITY, ""), /[&<>]/, "a character that is not escaped");
  const meanings: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
  return text.replace(ENTITY, (entity) => meanings[entity] ?? entity);
}
