import { readFileSync } from 'node:fs'

/** One call as a contract's document prints it. */
export interface PrintedCall {
  readonly method: string
  readonly path: string
  /** The request's JSON, where one is printed. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the document prints
  readonly body: any
  // biome-ignore lint/suspicious/noExplicitAny: whatever the document prints
  readonly answer: any
  readonly errors: readonly { status: number; code: number | null; message: string; details: string }[]
}

/**
 * The calls of a shop document by their titles. Reading them from the document itself is what makes "run as written"
 * true: a test that has its own copy of an exchange tests the copy.
 */
export function readShopDocument(name: string): ReadonlyMap<string, PrintedCall> {
  const file = new URL(`../../docs/contracts/source/${name}`, import.meta.url)
  const text = readFileSync(file, 'utf8')
  // A call is headed by a bold line of its own; bold list entries such as **URL** stand behind a bullet.
  const parts = text.split(/^\*\*([A-Z][^*]+)\*\*\s*$/m).slice(1)
  const calls = new Map<string, PrintedCall>()
  for (let i = 0; i < parts.length; i += 2) {
    const [title = '', section = ''] = [parts[i], parts[i + 1]]
    if (section.includes('**URL**')) calls.set(title, readCall(section))
  }
  return calls
}

function readCall(section: string): PrintedCall {
  const [, method = '', path = ''] = /\*\*(GET|POST|PUT|PATCH|DELETE)\*\* <_(.+?)_>/.exec(section) ?? []
  const blocks = [...section.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => JSON.parse(match[1] ?? ''))
  const hasBody = section.includes('**BODY**')
  return {
    method,
    path: path.replaceAll('`', ''),
    body: hasBody ? blocks[0] : undefined,
    answer: hasBody ? blocks[1] : blocks[0],
    errors: [...section.matchAll(/^\| *(\d{3}) *\|(.*)$/gm)].map(([, status, rest = '']) => {
      // Some rows leave out the code's column, some put the message into it.
      const [, ...cells] = rest.split('|').map((cell) => cell.trim())
      const code = Number(cells[0]) || null
      const [message = '', details = ''] = code ? cells.slice(1) : cells.filter(Boolean)
      return { status: Number(status), code, message: message.replace(/\.$/, ''), details }
    }),
  }
}
