import assert from "node:assert/strict";
import { test } from "node:test";
import { shell } from "../../src/webviews/shell";

const html = shell({
  title: 'Launch <b>"wave" 1</b> & all',
  script: "https://files.example/main.js",
  style: "https://files.example/main.css",
  source: "https://files.example",
  nonce: "n0nce",
});

/** The directives of the page's policy, by name. */
function policy(): Map<string, string> {
  const found = /Content-Security-Policy" content="([^"]*)"/.exec(html);
  const text = (found?.[1] ?? "").replaceAll("&quot;", '"');
  return new Map(text.split("; ").map((each) => [each.split(" ")[0] ?? "", each.split(" ").slice(1).join(" ")]));
}

test("nothing is loaded but our style sheet and the script with the nonce", () => {
  assert.deepEqual(
    [...policy()],
    [
      ["default-src", "'none'"],
      ["style-src", "https://files.example"],
      ["script-src", "'nonce-n0nce'"],
      ["base-uri", "'none'"],
      ["form-action", "'none'"],
    ],
  );
});

test("the only script bears the nonce, and nothing is written inline", () => {
  assert.deepEqual(html.match(/<script[^>]*>/g), ['<script nonce="n0nce" src="https://files.example/main.js">']);
  assert.doesNotMatch(html, /<style| style=| on\w+=/);
});

test("a title is text", () => {
  assert.match(html, /<title>Launch &lt;b&gt;&quot;wave&quot; 1&lt;\/b&gt; &amp; all<\/title>/);
});
