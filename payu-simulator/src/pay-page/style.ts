export const STYLE = `
  :root { color-scheme: light dark; --ink: #1b2430; --soft: #5d6b7a; --line: #d5dce4; --card: #fff; --back: #eef2f6; --go: #0a7a4a; --stop: #b3261e; --note: #fff4d6; --note-ink: #614700; font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif }
  @media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --soft: #9dabb9; --line: #38444f; --card: #1b232b; --back: #10161c; --go: #17945e; --stop: #ff8a80; --note: #3b3010; --note-ink: #ffe4a0 } }
  * { box-sizing: border-box }
  body { margin: 0; min-height: 100vh; background: var(--back); color: var(--ink); padding: 0 1rem 3rem }
  .simulated { margin: 0 -1rem 1.5rem; padding: .55rem 1rem; background: var(--note); color: var(--note-ink); text-align: center; font-size: .9rem }
  main { display: grid; gap: 1rem; width: 100%; max-width: 58rem; margin: 0 auto; align-items: start }
  section { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.4rem; min-width: 0; overflow-wrap: anywhere }
  @media (min-width: 46rem) { main { grid-template-columns: 20rem 1fr } main.single { grid-template-columns: minmax(0, 30rem); justify-content: center } section { padding: 1.8rem } }
  h1 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 1rem } h2 { font-size: 1rem; margin: 1.6rem 0 .6rem }
  .amount { font-size: 2rem; font-weight: 700; letter-spacing: -.02em; margin: 0 }
  .soft { color: var(--soft); font-size: .9rem; margin: .3rem 0 }
  ul { list-style: none; margin: 0; padding: 0 } .products li { display: flex; justify-content: space-between; gap: 1rem; padding: .35rem 0; border-top: 1px solid var(--line); font-size: .9rem } .products span:last-child { white-space: nowrap }
  form { display: grid; gap: .8rem; margin: 0 } label { display: grid; gap: .25rem; font-size: .9rem; color: var(--soft) }
  input { font: inherit; font-size: 1.1rem; color: var(--ink); background: transparent; border: 1px solid var(--line); border-radius: 8px; padding: .6rem .7rem; width: 100%; min-width: 0 }
  .pair { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem } .code { letter-spacing: .4em; text-align: center; font-size: 1.5rem }
  button, .button { font: inherit; font-weight: 600; display: block; width: 100%; text-align: center; text-decoration: none; padding: .75rem 1rem; border-radius: 9px; border: 1px solid var(--line); background: transparent; color: var(--ink); cursor: pointer }
  button.go, .button.go { background: var(--go); border-color: var(--go); color: #fff } button.stop { color: var(--stop) }
  button:hover, .button:hover { border-color: var(--ink) } :focus-visible { outline: 3px solid #4c9be8; outline-offset: 2px }
  .methods { display: grid; gap: .6rem; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)) }
  .cards button { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; text-align: left; font-weight: 400; margin-bottom: .5rem; padding: .55rem .8rem }
  .cards b { font-variant-numeric: tabular-nums; font-weight: 600 } .cards small { color: var(--soft) }
  .ends { margin-top: 1.6rem; padding-top: 1.2rem; border-top: 1px solid var(--line); display: grid; gap: .7rem }
  .problem { border-left: 4px solid var(--stop); padding: .5rem .8rem; margin: 0 0 1rem; background: color-mix(in srgb, var(--stop) 12%, transparent); border-radius: 4px }
  a { color: inherit } code { font-size: .95em }
`
