// What every article drawing shares: the palette, a few SVG shapes, the backdrops.

export const palette = {
  forest: '#2f6f54',
  moss: '#86a24f',
  teal: '#27898c',
  sky: '#5ea8d3',
  navy: '#2d4b73',
  mustard: '#e5ad3c',
  rust: '#d86f3c',
  brick: '#c44a40',
  rose: '#d98a8f',
  plum: '#7b4f7d',
  sand: '#dcc297',
  cream: '#f8f1e2',
  wood: '#bd8650',
  bark: '#6d5140',
  charcoal: '#363e48',
  stone: '#8a939b',
  steel: '#bcc6ce',
  white: '#ffffff',
  ink: '#1d2833',
}

const channels = (colour) => [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16))

export function mix(colour, other, share) {
  const target = channels(other)
  return (
    '#' +
    channels(colour)
      .map((value, index) =>
        Math.round(value + (target[index] - value) * share)
          .toString(16)
          .padStart(2, '0'),
      )
      .join('')
  )
}

export const shade = (colour, share = 0.2) => mix(colour, palette.ink, share)
export const tint = (colour, share = 0.25) => mix(colour, palette.white, share)

/** The same hue, fuller: every channel moves away from white by the factor. */
export const deepen = (colour, factor) =>
  '#' +
  channels(colour)
    .map((value) =>
      Math.round(255 - (255 - value) * factor)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')

// --- shapes -----------------------------------------------------------------

function element(name, attributes) {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? Math.round(value * 10) / 10 : value}"`)
  return `<${name}${written.join('')}/>`
}

export const path = (d, fill, more = {}) => element('path', { d, fill, ...more })

export const stroke = (d, colour, width, more = {}) =>
  element('path', {
    d,
    fill: 'none',
    stroke: colour,
    'stroke-width': width,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    ...more,
  })

export const circle = (cx, cy, r, fill, more = {}) => element('circle', { cx, cy, r, fill, ...more })

export const ring = (cx, cy, r, colour, width, more = {}) =>
  circle(cx, cy, r, 'none', { stroke: colour, 'stroke-width': width, ...more })

export const ellipse = (cx, cy, rx, ry, fill, more = {}) => element('ellipse', { cx, cy, rx, ry, fill, ...more })

export const box = (x, y, width, height, rx, fill, more = {}) =>
  element('rect', { x, y, width, height, rx: rx || undefined, fill, ...more })

export const move = (transform, ...parts) => `<g transform="${transform}">${parts.flat(9).join('')}</g>`
export const turn = (degrees, ...parts) => move(`rotate(${degrees} 400 400)`, ...parts)
export const mirror = (...parts) => move('matrix(-1 0 0 1 800 0)', ...parts)

/** A point at an angle (degrees, clockwise from three o'clock) on a circle, as "x y". */
export function onCircle(cx, cy, r, degrees) {
  const angle = (degrees * Math.PI) / 180
  return `${Math.round(cx + r * Math.cos(angle))} ${Math.round(cy + r * Math.sin(angle))}`
}

export const range = (count) => Array.from({ length: count }, (_, index) => index)

/** The soft shadow an article throws on the floor it stands on. */
export const floorShadow = (cx, cy, rx, ry = 22) => ellipse(cx, cy, rx, ry, palette.ink, { opacity: 0.13 })

// --- backdrops --------------------------------------------------------------

/** A plain studio wall with one soft shape behind the article; the shape differs from article to article. */
export function studio(wall, figure = 0) {
  const soft = deepen(wall, 1.9)
  const figures = [
    circle(400, 400, 305, soft),
    path('M400 92C560 80 712 190 706 380C702 560 610 712 420 704C220 700 92 590 96 410C100 230 230 104 400 92Z', soft),
    path('M128 704V372C128 222 250 104 400 104S672 222 672 372V704Z', soft),
    path('M170 180C290 70 520 84 630 200C740 320 720 540 600 640C480 730 270 720 170 610C80 500 70 280 170 180Z', soft),
  ]
  return box(0, 0, 800, 800, 0, wall) + figures[figure % figures.length]
}

/** A meadow with hills: the backdrop of what is pitched outdoors. The ground begins at y 560. */
export function meadow(sky, grass, outline = 0) {
  const far = mix(sky, grass, 0.4)
  const near = mix(sky, grass, 0.7)
  const outlines = [
    ['M0 430C120 330 220 330 330 410C450 300 600 270 800 400V800H0Z', 'M0 520C200 450 420 540 800 470V800H0Z'],
    ['M0 460L170 280L280 390L430 240L620 420L710 350L800 430V800H0Z', 'M0 500C260 560 480 450 800 520V800H0Z'],
    [
      'M0 390C160 440 300 350 460 370C620 390 700 320 800 330V800H0Z',
      'M0 540C180 440 340 470 480 520C600 560 720 500 800 480V800H0Z',
    ],
  ]
  const [farHills, nearHills] = outlines[outline % outlines.length]
  const sun = [
    [620, 170],
    [160, 160],
    [250, 190],
  ][outline % 3]
  return (
    box(0, 0, 800, 800, 0, sky) +
    circle(sun[0], sun[1], 58, tint(sky, 0.65)) +
    path(farHills, far) +
    path(nearHills, near) +
    path('M0 590C200 560 560 560 800 596V800H0Z', grass)
  )
}

/** A spruce standing on (x, y). */
export function spruce(x, y, height, colour) {
  const half = height * 0.24
  const tier = (top, bottom, width) =>
    `M${x} ${Math.round(y - height * top)}L${Math.round(x + width)} ${Math.round(y - height * bottom)}H${Math.round(x - width)}Z`
  return (
    box(x - height * 0.03, y - height * 0.14, height * 0.06, height * 0.14, 0, palette.bark, { opacity: 0.6 }) +
    path(tier(1, 0.6, half * 0.62) + tier(0.78, 0.35, half * 0.82) + tier(0.54, 0.1, half), colour)
  )
}

/** The finished file: the backdrop and the article on it. */
export const picture = (...parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800">${parts.flat(9).join('')}</svg>\n`
