// Bars beside a line at 1: the ceiling. Colours hold on white and on black.
const ROW = 44
const LEFT = 290
const WIDTH = 760
const TOP = 34

/** @param {{ what: string, bar: number, target: string }[]} rows `bar`: the ratio */
export function drawBars(rows) {
  const height = TOP + rows.length * ROW + 16
  const scale = (WIDTH - LEFT - 70) / Math.max(1.25, ...rows.map((row) => row.bar))
  const bars = rows.map(({ what, bar, target }, i) => {
    const y = TOP + i * ROW
    return `<text x="${LEFT - 12}" y="${y + 17}" text-anchor="end">${escaped(what)}</text>
<text x="${LEFT - 12}" y="${y + 32}" text-anchor="end" class="quiet">target ${escaped(target)}</text>
<rect x="${LEFT}" y="${y + 4}" width="${(bar * scale).toFixed(1)}" height="24" rx="3"/>
<text x="${(LEFT + bar * scale + 8).toFixed(1)}" y="${y + 21}" class="figure">${bar.toFixed(2)}</text>`
  })
  const one = (LEFT + scale).toFixed(1)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Tradepost against the ceiling">
<style>text{font:14px system-ui,sans-serif;fill:#777}.quiet{font-size:11px}.figure{font-weight:600}rect{fill:#2f7d6d}line{stroke:#b8860b;stroke-dasharray:4 4}</style>
<line x1="${one}" y1="${TOP - 8}" x2="${one}" y2="${height - 12}"/>
<text x="${one}" y="${TOP - 14}" text-anchor="middle">the ceiling</text>
${bars.join('\n')}
</svg>
`
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
