import { createRequire } from 'node:module';
import { SsoProblem } from '../problem.js';

export const SAML_PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const SAML_ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const XML_SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';

const MOST_ELEMENTS = 5_000;
const DEEPEST = 50;

/** An element as plain data: what is read is exactly what was checked. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  /** Attributes without a namespace. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Values of everything that could be taken for an id, whatever its case or prefix. */
  readonly ids: readonly string[];
  readonly children: readonly XmlElement[];
  /** The text directly inside, unchanged. */
  readonly text: string;
}

/** The part of a DOM node that is read here. */
interface Node {
  readonly nodeType: number;
  readonly localName?: string | null;
  readonly namespaceURI?: string | null;
  readonly nodeValue?: string | null;
  readonly childNodes: ArrayLike<Node>;
  readonly attributes?: ArrayLike<{
    readonly localName: string | null;
    readonly name: string;
    readonly namespaceURI: string | null;
    readonly value: string;
  }>;
}

/** What is used of the parser; its own types would bring those of browsers into the server. */
const { DOMParser } = createRequire(import.meta.url)('@xmldom/xmldom') as {
  DOMParser: new (options: { readonly onError: () => never }) => {
    parseFromString(xml: string, type: string): Pick<Node, 'childNodes'>;
  };
};

const ELEMENT = 1;
const TEXT = 3;

/**
 * Parses XML to plain data. Refuses what is not well-formed, and everything but elements, attributes
 * and text, so that two readers cannot see two documents.
 */
export function parseXml(xml: string): XmlElement {
  let budget = MOST_ELEMENTS;
  const convert = (node: Node, depth: number): XmlElement => {
    if ((budget -= 1) < 0 || depth > DEEPEST) throw new SsoProblem('message_structure', 'size');
    const children: XmlElement[] = [];
    let text = '';
    for (const child of Array.from(node.childNodes)) {
      if (child.nodeType === ELEMENT) children.push(convert(child, depth + 1));
      else if (child.nodeType === TEXT) text += child.nodeValue ?? '';
      else throw new SsoProblem('message_forbidden_part', `node type ${child.nodeType}`);
    }
    const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
    const ids: string[] = [];
    for (const one of Array.from(node.attributes ?? [])) {
      const local = one.localName ?? one.name;
      if (/^id$/i.test(local)) ids.push(one.value);
      if (!one.namespaceURI) attributes[local] = one.value;
    }
    const { namespaceURI, localName } = node;
    return {
      namespace: namespaceURI ?? '',
      name: localName ?? '',
      attributes,
      ids,
      children,
      text,
    };
  };
  return convert(rootOf(xml), 0);
}

function rootOf(xml: string): Node {
  const fail = (): never => {
    throw new SsoProblem('message_unreadable', 'not well-formed');
  };
  try {
    const document = new DOMParser({ onError: fail }).parseFromString(xml, 'text/xml');
    const elements = Array.from(document.childNodes).filter((one) => one.nodeType === ELEMENT);
    if (elements.length !== 1) return fail();
    return elements[0]!;
  } catch (error) {
    if (error instanceof SsoProblem) throw error;
    return fail();
  }
}

/** Children with this name. */
export function childrenOf(element: XmlElement, namespace: string, name: string): XmlElement[] {
  return element.children.filter((one) => one.namespace === namespace && one.name === name);
}

/** The only child with this name; undefined when there is none, refused when there are several. */
export function childOf(
  element: XmlElement,
  namespace: string,
  name: string,
): XmlElement | undefined {
  const found = childrenOf(element, namespace, name);
  if (found.length > 1) throw new SsoProblem('message_structure', `several ${name}`);
  return found[0];
}

/** The text of an element that holds nothing else. */
export function textOf(element: XmlElement): string {
  if (element.children.length > 0) throw new SsoProblem('message_structure', element.name);
  return element.text.trim();
}

/** An element and everything below it. */
export function* everyElement(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* everyElement(child);
}
