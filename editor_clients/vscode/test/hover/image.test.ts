import assert from "node:assert/strict";
import { test } from "node:test";
import { heading, MOST, withImage } from "../../src/hover/image";

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="120" viewBox="0 0 480 120"><g/></svg>';
const HOVER = "2 tasks · 1 wave\n\n```text\nwave 1   * data  ████\n           hub   ██\n```\n\ncritical path: data";

test("the image takes the place of the letters, and has a size", () => {
  const changed = withImage(HOVER, SVG, "Wave 1: data, hub.");
  const found = /^2 tasks · 1 wave\n\n!\[(.*)\]\((.*)\|width=480,height=120\)\n\ncritical path: data$/.exec(
    changed ?? "",
  );
  assert.ok(found);
  assert.equal(found[1], "Wave 1: data, hub.");
  const [, data = ""] = /^data:image\/svg\+xml;base64,([A-Za-z0-9+/=]+)$/.exec(found[2] ?? "") ?? [];
  assert.equal(Buffer.from(data, "base64").toString(), SVG);
});

test("words beside an image are no Markdown", () => {
  const changed = withImage(HOVER, SVG, "a](http://evil.example) ![b](c) `d`\n# e") ?? "";
  assert.match(changed, /!\[a\\\]\\\(http:\/\/evil\.example\\\) \\!\\\[b\\\]\\\(c\\\) \\`d\\` \\# e\]\(data:/);
});

test("where there are no letters, or the image is too large, the text stays", () => {
  assert.equal(withImage("**data** · wave 1", SVG, ""), undefined);
  assert.equal(withImage(HOVER, SVG.replace("<g/>", "<g/>".repeat(MOST / 4)), ""), undefined);
});

test("headings of the first level are known, as Markdown has them", () => {
  assert.equal(heading("# Clay wiki"), "Clay wiki");
  assert.equal(heading("  #  Clay wiki ##  "), "Clay wiki");
  for (const other of ["## data: Write", "#Clay", "Clay wiki", "# ", "    # code"])
    assert.equal(heading(other), undefined);
});
