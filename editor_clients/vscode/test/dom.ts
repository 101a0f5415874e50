// As much of a page as making and changing its elements takes, for tests: nodes in a tree, with names and attributes.

export class TestNode {
  static readonly TEXT_NODE = 3;
  parent: TestElement | undefined;
  constructor(
    readonly nodeType: number,
    public nodeValue: string | null,
  ) {}
  get nextSibling(): TestNode | null {
    const all = this.parent?.childNodes ?? [];
    return all[all.indexOf(this) + 1] ?? null;
  }
  remove(): void {
    const all = this.parent?.childNodes;
    all?.splice(all.indexOf(this), 1);
    this.parent = undefined;
  }
}

export class TestElement extends TestNode {
  readonly childNodes: TestNode[] = [];
  private readonly attributes = new Map<string, string>();
  constructor(
    readonly namespaceURI: string,
    readonly localName: string,
  ) {
    super(1, null);
  }
  get firstChild(): TestNode | null {
    return this.childNodes[0] ?? null;
  }
  get children(): TestElement[] {
    return this.childNodes.filter((child) => child instanceof TestElement);
  }
  get textContent(): string {
    return this.childNodes
      .map((child) => (child instanceof TestElement ? child.textContent : child.nodeValue))
      .join("");
  }
  insertBefore(node: TestNode, next: TestNode | null): void {
    if (node.parent) node.remove();
    this.childNodes.splice(next ? this.childNodes.indexOf(next) : this.childNodes.length, 0, node);
    node.parent = this;
  }
  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }
  getAttributeNames(): string[] {
    return [...this.attributes.keys()];
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }
}

/** Gives the module under test a page, with this element in it. */
export function testPage(): TestElement {
  const document = {
    createTextNode: (text: string) => new TestNode(TestNode.TEXT_NODE, text),
    createElementNS: (namespace: string, name: string) => new TestElement(namespace, name),
  };
  Object.assign(globalThis, { document, Node: TestNode, Element: TestElement });
  return new TestElement("http://www.w3.org/1999/xhtml", "main");
}
