// Makes a page show markup. What is there already is kept as far as it fits, so that the focus, the selection and the place to which
// the user has scrolled stay as they are while a run moves on. No text ever becomes HTML.

import type { Content, Markup } from "../pictures/markup";

const HTML = "http://www.w3.org/1999/xhtml";
const SVG = "http://www.w3.org/2000/svg";
const KEY = "data-key";

/** Makes the children of an element be these. Among siblings, an element with a `data-key` stays the same wherever it goes. */
export function show(parent: Element, contents: readonly Content[]): void {
  const keyed = new Map<string, Element>();
  for (const child of parent.children) {
    const key = child.getAttribute(KEY);
    if (key !== null) keyed.set(key, child);
  }
  let next = parent.firstChild;
  for (const content of contents) {
    const key = typeof content === "string" ? undefined : content.attributes[KEY];
    const known = key === undefined ? next : (keyed.get(String(key)) ?? null);
    const node = fits(known, content) ? known : made(content, parent);
    if (node === next) next = node.nextSibling;
    else parent.insertBefore(node, next);
    update(node, content);
  }
  while (next) {
    const gone: ChildNode = next;
    next = gone.nextSibling;
    gone.remove();
  }
}

function fits(node: ChildNode | null, content: Content): node is ChildNode {
  if (!node) return false;
  if (typeof content === "string") return node.nodeType === Node.TEXT_NODE;
  if (!(node instanceof Element) || node.localName !== content.name) return false;
  return (node.getAttribute(KEY) ?? undefined) === content.attributes[KEY]?.toString();
}

function made(content: Content, parent: Element): ChildNode {
  if (typeof content === "string") return document.createTextNode(content);
  const inSvg = content.name === "svg" || parent.namespaceURI === SVG;
  return document.createElementNS(inSvg ? SVG : HTML, content.name) as Element;
}

function update(node: ChildNode, content: Content): void {
  if (typeof content === "string") {
    if (node.nodeValue !== content) node.nodeValue = content;
  } else if (node instanceof Element) {
    setAttributes(node, content);
    show(node, content.children);
  }
}

function setAttributes(element: Element, { attributes }: Markup): void {
  for (const name of element.getAttributeNames()) {
    if (attributes[name] === undefined) element.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(attributes)) {
    // The namespace is the element's own; it is only for markup that becomes text.
    if (value === undefined || name === "xmlns") continue;
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
}
