import { SaxesParser, type SaxesTagNS } from 'saxes'
import { BadStatement } from './statement-line.ts'

/** An element by its name without namespace, with what is in it. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly lineNumber: number
  readonly children: readonly XmlElement[]
  /** Without the text of its children. */
  readonly text: string
}

type Growing = { -readonly [field in keyof XmlElement]: XmlElement[field] } & { children: Growing[] }

/** So deep goes no statement. */
const DEPTH_MAX = 64
/** Handed to the parser at once. */
const CHUNK = 65_536

/**
 * Reads a document and hands over each element of a wanted name when it ends, with its children. It is forgotten then, so
 * that memory holds the largest of them and not the document.
 *
 * Entities of the document's own are refused before any is read: what they expand to, and from where, would be up to
 * whoever wrote the file.
 *
 * @param onElement also told the elements around it, the outermost first
 * @throws BadStatement for what is not well-formed
 */
export function readXml(
  text: string,
  wanted: ReadonlySet<string>,
  onElement: (element: XmlElement, around: readonly XmlElement[]) => void,
): void {
  const open: Growing[] = []
  const parser = new SaxesParser({ xmlns: true })

  parser.on('error', (error) => {
    const problem = error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')
    throw new BadStatement(`the XML is damaged (${problem}): download the file from the bank again`, parser.line)
  })
  parser.on('doctype', () => {
    throw new BadStatement('the file has a DOCTYPE, which no statement has: it is refused', parser.line)
  })
  parser.on('opentag', (tag: SaxesTagNS) => {
    const attributes = Object.fromEntries(Object.values(tag.attributes).map(({ local, value }) => [local, value]))
    const element = { name: tag.local, attributes, lineNumber: parser.line, children: [], text: '' }
    open.at(-1)?.children.push(element)
    if (open.push(element) > DEPTH_MAX)
      throw new BadStatement('the XML is nested too deep for a statement', parser.line)
  })
  const addText = (part: string) => {
    const element = open.at(-1)
    if (element) element.text += part
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const element = open.pop() as Growing
    if (!wanted.has(element.name)) return
    onElement(element, open)
    open.at(-1)?.children.pop()
  })

  for (let at = 0; at < text.length; at += CHUNK) parser.write(text.slice(at, at + CHUNK))
  parser.close()
}

/** The children of that name, and theirs, along a path such as `Refs/EndToEndId`. */
export function elementsAt(element: XmlElement | undefined, path: string): XmlElement[] {
  let found = element ? [element] : []
  for (const name of path.split('/')) {
    found = found.flatMap(({ children }) => children.filter((child) => child.name === name))
  }
  return found
}

/** The text at the first of these paths that has one; empty when none has. */
export function textAt(element: XmlElement | undefined, ...paths: readonly string[]): string {
  for (const path of paths) {
    const text = elementsAt(element, path)[0]?.text.trim()
    if (text) return text
  }
  return ''
}
