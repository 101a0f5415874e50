// esbuild puts the style sheets that a page imports beside its script.
declare module "*.css";
