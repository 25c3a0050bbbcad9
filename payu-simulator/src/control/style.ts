export const CONTROL_STYLE = `
  :root { color-scheme: light dark; --ink: #1b2430; --soft: #5d6b7a; --line: #d5dce4; --card: #fff; --back: #eef2f6; --good: #0a7a4a; --bad: #b3261e; font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif }
  @media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --soft: #9dabb9; --line: #38444f; --card: #1b232b; --back: #10161c; --good: #4cc790; --bad: #ff8a80 } }
  * { box-sizing: border-box }
  body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--back); color: var(--ink) }
  h1 { font-size: 1.4rem; margin: .5rem 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem } h3 { font-size: 1rem; margin: 0 }
  p { margin: .3rem 0 } .soft { color: var(--soft) } .good { color: var(--good) } .bad { color: var(--bad) }
  article, form.box { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1.1rem; margin: .7rem 0; min-width: 0; overflow-wrap: anywhere }
  .top { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; align-items: baseline; overflow-wrap: anywhere }
  .status { font-weight: 700; font-size: .85rem }
  .row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end } .row form { margin: 0 }
  .scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; min-width: 38rem; font-size: .88rem } th { text-align: left; font-weight: 600; color: var(--soft) } th, td { padding: .3rem .8rem .3rem 0; vertical-align: top; border-top: 1px solid var(--line) } td p { margin: 0 } .narrow { white-space: nowrap } .body { min-width: 16rem; overflow-wrap: anywhere }
  label { display: grid; grid-template-columns: minmax(0, max-content); gap: .15rem; min-width: 0; font-size: .8rem; color: var(--soft) }
  input, select, button, .button { font: inherit; font-size: .9rem; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 7px; padding: .35rem .6rem; text-decoration: none; max-width: 100% } select option { color: #1b2430 }
  input[type=number] { width: 6rem } label input, label select { color: var(--ink) }
  button, .button { cursor: pointer; font-weight: 600 } button:hover, .button:hover { border-color: var(--ink) } :focus-visible { outline: 3px solid #4c9be8; outline-offset: 1px }
  .faults { display: grid; gap: 0 1rem; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); align-items: start }
  summary { cursor: pointer } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .82rem; margin: .4rem 0 }
`
