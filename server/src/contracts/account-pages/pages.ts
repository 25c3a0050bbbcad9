import { escapeHtml } from '../../kernel/escape-html.ts'

/** The only style of these pages; its hash is in their content security policy. */
export const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --ground: #eef1f4; --card: #fff; --text: #17202a; --soft: #56616d; --line: #7b8794; --act: #0b6b43; --on-act: #fff; --bad: #b3261e }
  @media (prefers-color-scheme: dark) { :root { --ground: #12171c; --card: #1c242b; --text: #e8ecef; --soft: #a9b4bf; --line: #7f8c98; --act: #3fb37f; --on-act: #06140d; --bad: #ff9c94 } }
  * { box-sizing: border-box }
  body { margin: 0; min-height: 100vh; min-height: 100svh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--text) }
  main { width: 100%; max-width: 28rem; background: var(--card); border-radius: 12px; padding: clamp(1.25rem, 6vw, 2.25rem); box-shadow: 0 6px 24px #0002; overflow-wrap: anywhere }
  .shop { margin: 0 0 .25rem; color: var(--soft); font-size: .95rem }
  h1 { margin: 0 0 1rem; font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance }
  p { margin: 0 0 1rem } p:last-child, form:last-child { margin-bottom: 0 }
  form { display: grid; gap: 1.1rem; margin: 1.25rem 0 } .field { display: grid; gap: .55rem }
  label { font-weight: 600 } small { color: var(--soft); font-size: .9rem } .problem { margin: 0; color: var(--bad); font-weight: 600 }
  input { width: 100%; font: inherit; padding: .7rem .8rem; min-height: 3rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); color: inherit }
  input[aria-invalid] { border-color: var(--bad); border-width: 2px }
  button, .button { display: block; width: 100%; min-height: 3rem; padding: .7rem 1rem; border: 0; border-radius: 8px; background: var(--act); color: var(--on-act); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer }
  :focus-visible { outline: 3px solid #3d8fd1; outline-offset: 2px }
`

interface Page {
  readonly shopName: string
  readonly title: string
}

/** A page without a form: what has happened, and what to do next. */
export interface Message extends Page {
  readonly paragraphs: readonly string[]
  readonly link?: { readonly href: string; readonly text: string }
}

export function messagePage({ paragraphs, link, ...rest }: Message): string {
  const texts = paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`)
  const button = link ? [`<p><a class="button" href="${escapeHtml(link.href)}">${escapeHtml(link.text)}</a></p>`] : []
  return page(rest, [...texts, ...button].join('\n  '))
}

interface Field {
  readonly name: string
  readonly label: string
  readonly type: 'password' | 'text'
  readonly autocomplete: 'current-password' | 'new-password' | 'username'
  readonly hint?: string
  /** What was wrong with what was sent; a password is not sent back. */
  readonly problems: readonly string[]
}

/** A page with one form, which goes to the address it came from, without the query. */
export interface FormPage extends Page {
  readonly paragraphs: readonly string[]
  readonly hidden: Readonly<Record<string, string>>
  /** Whose password it is, for password managers. */
  readonly account?: string
  readonly fields: readonly Field[]
  readonly button: string
}

export function formPage({ paragraphs, hidden, account, fields, button, ...rest }: FormPage): string {
  const firstBad = fields.find(({ problems }) => problems.length > 0)
  const title = firstBad ? `Not yet: ${rest.title}` : rest.title
  const inputs = [
    ...Object.entries(hidden).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
    ),
    ...(account ? [`<input type="email" autocomplete="username" value="${escapeHtml(account)}" readonly hidden>`] : []),
    ...fields.map((field) => fieldHtml(field, field === (firstBad ?? fields[0]))),
  ]
  const texts = paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`)
  const form = `<form method="post" action="?">\n  ${[...inputs, `<button>${escapeHtml(button)}</button>`].join('\n  ')}\n  </form>`
  return page(rest, [...texts, form].join('\n  '), title)
}

function fieldHtml({ name, label, type, autocomplete, hint, problems }: Field, isFirst: boolean): string {
  const problemId = problems.length > 0 ? [`${name}-problem`] : []
  const hintId = hint ? [`${name}-hint`] : []
  const described = [...problemId, ...hintId].join(' ')
  const attributes = [
    `id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" required`,
    ...(type === 'text' ? ['autocapitalize="none" spellcheck="false"'] : []),
    ...(described ? [`aria-describedby="${described}"`] : []),
    ...(problems.length > 0 ? ['aria-invalid="true"'] : []),
    ...(isFirst ? ['autofocus'] : []),
  ]
  return [
    '<div class="field">',
    `<label for="${name}">${escapeHtml(label)}</label>`,
    ...(problems.length > 0 ? [`<p class="problem" id="${name}-problem">${escapeHtml(problems.join(' '))}</p>`] : []),
    `<input ${attributes.join(' ')}>`,
    ...(hint ? [`<small id="${name}-hint">${escapeHtml(hint)}</small>`] : []),
    '</div>',
  ].join('\n    ')
}

function page({ shopName, title }: Page, content: string, tabTitle = title): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(tabTitle)} · ${escapeHtml(shopName)}</title>
<style>${STYLE}</style>
<main>
  <p class="shop">${escapeHtml(shopName)}</p>
  <h1>${escapeHtml(title)}</h1>
  ${content}
</main>
</html>
`
}
