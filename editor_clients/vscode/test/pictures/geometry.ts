// Where the marks and letters of a picture are, for tests: boxes that must neither overlap nor leave the picture.

import assert from "node:assert/strict";
import { widthOf } from "../../src/pictures/lettering";
import { elements, readXml, type XmlElement } from "../xml";

export interface Box {
  readonly what: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The boxes of all text that is not turned. */
export function texts(svg: string): Box[] {
  const found: Box[] = [];
  for (const element of elements(readXml(svg))) {
    if (element.name === "text" && !element.attributes["transform"]) found.push(textBox(element));
  }
  return found;
}

/** The boxes of all rectangles of a class. */
export function rects(svg: string, name: string): Box[] {
  const found: Box[] = [];
  for (const { name: tag, attributes } of elements(readXml(svg))) {
    if (tag !== "rect" || attributes["class"] !== name) continue;
    const left = Number(attributes["x"]);
    const top = Number(attributes["y"]);
    const right = left + Number(attributes["width"]);
    found.push({ what: name, left, right, top, bottom: top + Number(attributes["height"]) });
  }
  return found;
}

export function assertApart(boxes: readonly Box[]): void {
  for (const [place, one] of boxes.entries()) {
    for (const other of boxes.slice(place + 1)) {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      assert.ok(across <= 0.5 || down <= 0.5, `“${one.what}” and “${other.what}” overlap`);
    }
  }
}

export function assertInside(svg: string, boxes: readonly Box[]): void {
  const { attributes } = readXml(svg);
  for (const box of boxes) {
    const fits = box.left >= -0.5 && box.right <= Number(attributes["width"]) + 0.5;
    assert.ok(fits && box.top >= -0.5 && box.bottom <= Number(attributes["height"]) + 0.5, `“${box.what}” is cut off`);
  }
}

function textBox(element: XmlElement): Box {
  const { attributes } = element;
  const what = element.children.filter((child) => typeof child === "string").join("");
  const size = Number(attributes["font-size"]);
  const width = widthOf(what, size);
  const anchor = attributes["text-anchor"];
  const left = Number(attributes["x"]) - (anchor === "end" ? width : anchor === "middle" ? width / 2 : 0);
  const bottom = Number(attributes["y"]) + size * 0.2;
  return { what, left, right: left + width, top: bottom - size, bottom };
}
