// The HTML that a webview starts with: one script and one style sheet, both of ours, and nothing else. All that is shown is made
// by the script, out of what it is sent.

export interface Shell {
  /** What the tab says; screen readers read it too. */
  readonly title: string;
  readonly script: string;
  readonly style: string;
  /** Where VS Code serves files to webviews from. */
  readonly source: string;
  /** Unguessable, and another one for each page. */
  readonly nonce: string;
}

export function shell({ title, script, style, source, nonce }: Shell): string {
  const policy = [
    "default-src 'none'",
    `style-src ${source}`,
    `script-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy.join("; "))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escaped(style)}">
<title>${escaped(title)}</title>
</head>
<body>
<script nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>
`;
}

/** Text for HTML, in elements and in attributes between double quotes. */
export function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
