// The colours of pictures, by what they mean. An image in a hover cannot see the theme, so it gets one of four fixed palettes; in a
// webview the colours are the theme's own variables, and follow it. No meaning rests on colour alone.

export interface Palette {
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  /** What a mark that is not filled has inside. */
  readonly ground: string;
  readonly fast: string;
  readonly default: string;
  readonly capable: string;
  readonly critical: string;
  readonly running: string;
  readonly passed: string;
  readonly failed: string;
  readonly held: string;
  readonly stopped: string;
}

export type ThemeKind = "dark" | "light" | "highContrast" | "highContrastLight";

export const PALETTES: Readonly<Record<ThemeKind, Palette>> = {
  dark: {
    ...{ text: "#cccccc", faint: "#9d9d9d", line: "#4b4b4b", ground: "#202020", critical: "#f0f0f0" },
    ...{ fast: "#4ec9b0", default: "#4a9ee8", capable: "#c586d8" },
    ...{ running: "#4a9ee8", passed: "#73c991", failed: "#f48771", held: "#cca700", stopped: "#848484" },
  },
  light: {
    ...{ text: "#3b3b3b", faint: "#6a6a6a", line: "#cfcfcf", ground: "#f8f8f8", critical: "#1f1f1f" },
    ...{ fast: "#17806d", default: "#1a6fc0", capable: "#8a3fa8" },
    ...{ running: "#1a6fc0", passed: "#2e7d46", failed: "#c72e0f", held: "#8f6b00", stopped: "#767676" },
  },
  highContrast: {
    ...{ text: "#ffffff", faint: "#ffffff", line: "#6fc3df", ground: "#000000", critical: "#ffffff" },
    ...{ fast: "#4ef0d0", default: "#6fc3ff", capable: "#e2a0ff" },
    ...{ running: "#6fc3ff", passed: "#89f09c", failed: "#ff8f80", held: "#ffd33d", stopped: "#d4d4d4" },
  },
  highContrastLight: {
    ...{ text: "#292929", faint: "#292929", line: "#0f4a85", ground: "#ffffff", critical: "#000000" },
    ...{ fast: "#00604e", default: "#0f4a85", capable: "#6b1f8a" },
    ...{ running: "#0f4a85", passed: "#14562a", failed: "#a31515", held: "#5c4300", stopped: "#515151" },
  },
};

/** For a webview: VS Code gives it the theme as variables, and changes them with the theme. */
export const THEMED: Palette = {
  text: "var(--vscode-foreground)",
  faint: "var(--vscode-descriptionForeground)",
  line: "var(--vscode-contrastBorder, var(--vscode-panel-border))",
  ground: "var(--vscode-editor-background)",
  fast: "var(--vscode-charts-green)",
  default: "var(--vscode-charts-blue)",
  capable: "var(--vscode-charts-purple)",
  critical: "var(--vscode-foreground)",
  running: "var(--vscode-charts-blue)",
  passed: "var(--vscode-testing-iconPassed, var(--vscode-charts-green))",
  failed: "var(--vscode-testing-iconFailed, var(--vscode-charts-red))",
  held: "var(--vscode-testing-iconQueued, var(--vscode-charts-yellow))",
  stopped: "var(--vscode-descriptionForeground)",
};

/** The colour of the step that a model stands for. */
export function tierColour(palette: Palette, tier: string): string {
  return tier === "fast" || tier === "capable" ? palette[tier] : palette.default;
}
