// An image in the Markdown of a hover, in place of the picture of letters that the server draws there.

/** VS Code cuts Markdown that has more characters. */
export const MOST = 100_000;

/** A picture of letters is the only block of code in a hover that says what it is: text. */
const LETTERS = /^```text\n[\s\S]*?\n```$/m;

/**
 * The Markdown with an SVG instead of the letters; undefined where there are none, or the image is too large. `words` are for
 * people who do not see it.
 */
export function withImage(markdown: string, svg: string, words: string): string | undefined {
  if (!LETTERS.test(markdown)) return undefined;
  const size = /^<svg [^>]*?\bwidth="(\d+)" height="(\d+)"/.exec(svg);
  const dimensions = size ? `|width=${size[1]},height=${size[2]}` : "";
  const image = `![${escaped(words)}](data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}${dimensions})`;
  const changed = markdown.replace(LETTERS, () => image);
  return changed.length <= MOST ? changed : undefined;
}

/** What a heading of the first level says; undefined for another line. */
export function heading(line: string): string | undefined {
  const found = /^ {0,3}#[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/.exec(line);
  return found?.[1] || undefined;
}

/** Words that stand for themselves in Markdown. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#|!~&]/g, "\\$&").replace(/\s+/g, " ");
}
