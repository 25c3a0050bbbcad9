// Lamps: for the head, the tent, the hand and the bicycle. Drawn at dusk, so that their light shows.

import {
  box,
  circle,
  ellipse,
  floorShadow,
  onCircle,
  palette,
  path,
  picture,
  range,
  shade,
  stroke,
  studio,
  tint,
  turn,
} from './canvas.mjs'

const { forest, teal, sky, mustard, rust, brick, cream, charcoal, stone, steel, navy, white, wood, sand } = palette

const wall = '#d9dff0'
const warm = '#ffdf7e'
const glow = '#ffedb0'

/** The dusk with a pool of light around (cx, cy). */
const pool = (cx, cy, r, outer = '#ebe7dd', inner = '#f9eecb') =>
  box(0, 0, 800, 800, 0, wall) + circle(cx, cy, r, outer) + circle(cx, cy, r * 0.76, inner)

/** A point on a cubic curve, t from 0 (its start) to 1 (its end). */
const onCurve = ([a, b, c, d], t) =>
  [0, 1].map((axis) =>
    Math.round(
      (1 - t) ** 3 * a[axis] + 3 * (1 - t) ** 2 * t * b[axis] + 3 * (1 - t) * t ** 2 * c[axis] + t ** 3 * d[axis],
    ),
  )

function headlamp({ shell, band, stripe, lenses, topStrap }) {
  const lensRow =
    lenses === 1
      ? [circle(400, 500, 66, charcoal), circle(400, 500, 52, warm), circle(400, 500, 28, white)]
      : [
          circle(340, 500, 50, charcoal),
          circle(340, 500, 39, warm),
          circle(340, 500, 19, white),
          circle(448, 500, 40, charcoal),
          circle(448, 500, 30, tint(warm, 0.4)),
          circle(448, 500, 14, white),
          box(496, 476, 22, 48, 8, brick),
        ]
  return picture(
    pool(400, 420, 320),
    floorShadow(400, 652, 230, 22),
    ellipse(400, 320, 268, 150, 'none', { stroke: shade(band, 0.4), 'stroke-width': 54 }),
    topStrap
      ? [
          stroke('M400 196C340 230 340 330 388 420', shade(band, 0.15), 44),
          stroke('M400 196C340 230 340 330 388 420', stripe, 7),
          box(330, 132, 140, 86, 20, charcoal),
          box(346, 148, 108, 12, 6, stone),
          circle(440, 192, 8, '#7fd08a'),
        ]
      : '',
    path('M132 320C132 420 250 497 400 497S668 420 668 320', 'none', { stroke: band, 'stroke-width': 58 }),
    path('M132 320C132 420 250 497 400 497S668 420 668 320', 'none', { stroke: stripe, 'stroke-width': 9 }),
    box(256, 404, 288, 190, 62, shade(shell, 0.36)),
    box(256, 396, 288, 184, 62, shell),
    path('M460 396H482A62 62 0 0 1 544 458V518A62 62 0 0 1 482 580H460Z', shade(shell, 0.13)),
    box(370, 380, 60, 26, 11, charcoal),
    lensRow,
  )
}

function tableLantern({ frame, cap }) {
  return picture(
    pool(400, 410, 310),
    floorShadow(400, 676, 180, 22),
    stroke('M292 270C270 60 530 60 508 270', charcoal, 15),
    box(350, 96, 100, 30, 15, cap),
    path('M296 300H504L520 560H280Z', cream),
    path('M330 300H470L480 560H320Z', warm),
    path('M368 300H432L438 560H362Z', white),
    stroke('M300 300L284 560M368 300L360 560M432 300L440 560M500 300L516 560', frame, 11),
    stroke('M292 392H508M286 476H514', frame, 8),
    path('M276 300Q276 214 400 206Q524 214 524 300Z', frame),
    path('M430 208Q524 220 524 300H450Z', shade(frame, 0.16)),
    box(260, 286, 280, 32, 14, shade(frame, 0.25)),
    box(252, 548, 296, 34, 14, shade(frame, 0.25)),
    path('M268 582H532L552 650Q554 676 528 676H272Q246 676 248 650Z', frame),
    path('M460 582H532L552 650Q554 676 528 676H470Z', shade(frame, 0.16)),
    circle(400, 628, 27, charcoal),
    circle(400, 628, 18, cap),
    stroke('M400 628V614', charcoal, 5),
  )
}

function bellowsLantern({ silicone, base }) {
  const folds = range(5).map((row) => {
    const y = 300 + row * 52
    return (
      path(
        `M262 ${y}Q236 ${y + 26} 262 ${y + 52}H538Q564 ${y + 26} 538 ${y}Z`,
        row % 2 ? tint(silicone, 0.12) : tint(silicone, 0.3),
      ) +
      path(`M350 ${y}H450V${y + 52}H350Z`, glow, { opacity: 0.45 }) +
      stroke(`M262 ${y + 52}H538`, silicone, 6)
    )
  })
  return picture(
    pool(400, 430, 310),
    floorShadow(400, 662, 180, 22),
    stroke('M300 260C300 130 500 130 500 260', base, 16),
    ellipse(400, 158, 46, 16, shade(base, 0.3)),
    folds,
    box(244, 240, 312, 64, 26, base),
    box(244, 240, 312, 26, 13, tint(base, 0.22)),
    box(244, 556, 312, 98, 28, base),
    path('M470 556H528A28 28 0 0 1 556 584V626A28 28 0 0 1 528 654H470Z', shade(base, 0.18)),
    circle(400, 604, 26, tint(base, 0.3)),
    stroke('M400 590V604M390 596A13 13 0 1 0 410 596', cream, 5),
  )
}

function handTorch({ tube, ringColour, figure }) {
  return picture(
    studio(wall, figure),
    turn(
      -28,
      path('M574 330L830 190V610L574 470Z', glow, { opacity: 0.7 }),
      path('M574 356L830 270V530L574 444Z', warm, { opacity: 0.6 }),
      box(112, 356, 330, 104, 26, palette.ink, { opacity: 0.1, transform: 'translate(10 24)' }),
      box(110, 348, 340, 104, 24, tube),
      path('M110 400H450V452H134A24 24 0 0 1 110 428Z', shade(tube, 0.25)),
      range(9).map((row) => box(190 + row * 18, 348, 9, 104, 0, shade(tube, 0.4))),
      path('M440 346L500 308H556Q578 308 578 330V470Q578 492 556 492H500L440 454Z', tube),
      path('M440 400H578V470Q578 492 556 492H500L440 454Z', shade(tube, 0.25)),
      box(566, 314, 24, 172, 10, ringColour),
      box(586, 330, 14, 140, 7, warm),
      box(372, 332, 52, 24, 10, brick),
      box(92, 362, 30, 76, 12, ringColour),
      stroke('M96 400C30 400 30 480 70 520C100 548 130 520 110 490', charcoal, 9),
      stroke('M134 366H176M462 342L508 322', tint(tube, 0.45), 8),
    ),
  )
}

function stringLights({ spool, cable, figure }) {
  const strand = [
    [0, 150],
    [200, 340],
    [480, 360],
    [800, 60],
  ]
  const bulbs = range(8).map((index) => onCurve(strand, 0.1 + index * 0.115))
  return picture(
    studio(wall, figure),
    bulbs.map(([x, y]) => circle(x, y + 56, 62, glow, { opacity: 0.6 })),
    stroke(`M${strand[0]}C${strand.slice(1).join(' ')}`, cable, 7),
    bulbs.map(
      ([x, y]) =>
        box(x - 12, y - 4, 24, 30, 5, charcoal) +
        path(
          `M${x - 12} ${y + 26}H${x + 12}C${x + 46} ${y + 60} ${x + 22} ${y + 96} ${x} ${y + 96}S${x - 46} ${y + 60} ${x - 12} ${y + 26}Z`,
          warm,
        ) +
        stroke(`M${x - 8} ${y + 74}l5 -22l5 16l5 -22`, rust, 4),
    ),
    floorShadow(400, 664, 170, 20),
    stroke('M470 560C600 590 680 500 800 540', cable, 7),
    box(270, 452, 260, 36, 14, shade(spool, 0.1)),
    box(306, 480, 188, 140, 10, shade(cable, 0.1)),
    range(6).map((row) =>
      stroke(`M308 ${494 + row * 23}Q400 ${506 + row * 23} 492 ${494 + row * 23}`, tint(cable, 0.22), 7),
    ),
    box(270, 612, 260, 46, 16, spool),
    box(380, 624, 40, 22, 8, shade(spool, 0.4)),
    circle(452, 635, 7, '#7fd08a'),
  )
}

function handlebarLight({ shell }) {
  return picture(
    pool(380, 370, 310),
    box(70, 560, 660, 66, 33, charcoal),
    box(70, 560, 660, 24, 12, tint(charcoal, 0.25)),
    box(70, 554, 150, 78, 30, navy),
    box(580, 554, 150, 78, 30, navy),
    stroke(
      'M100 560V626M130 560V626M160 560V626M190 560V626M610 560V626M640 560V626M670 560V626M700 560V626',
      shade(navy, 0.35),
      6,
    ),
    box(334, 500, 132, 152, 26, shade(stone, 0.35)),
    box(350, 632, 100, 30, 10, stone),
    box(366, 470, 68, 50, 10, charcoal),
    box(226, 232, 348, 256, 74, shade(shell, 0.35)),
    box(226, 222, 348, 250, 74, shell),
    box(254, 250, 292, 194, 54, charcoal),
    circle(358, 347, 82, steel),
    circle(358, 347, 68, warm),
    circle(358, 347, 36, white),
    range(8).map((index) =>
      stroke(`M${onCircle(358, 347, 46, index * 45)}L${onCircle(358, 347, 64, index * 45)}`, mustard, 5),
    ),
    circle(490, 306, 32, steel),
    circle(490, 306, 22, tint(warm, 0.5)),
    circle(490, 390, 32, steel),
    circle(490, 390, 22, tint(warm, 0.5)),
    box(360, 206, 80, 26, 10, shade(shell, 0.45)),
    circle(382, 219, 6, '#7fd08a'),
    circle(402, 219, 6, '#7fd08a'),
    circle(422, 219, 6, stone),
  )
}

function rearLight({ lens }) {
  return picture(
    pool(400, 390, 310, '#e9d3dc', '#f4c9c8'),
    box(348, 0, 104, 800, 0, charcoal),
    box(366, 0, 22, 800, 0, tint(charcoal, 0.3)),
    path('M190 0H610Q570 92 450 104H350Q230 92 190 0Z', shade(charcoal, 0.4)),
    stroke('M250 40Q400 84 550 40', stone, 6),
    box(330, 250, 140, 30, 10, stone),
    box(330, 520, 140, 30, 10, stone),
    box(302, 200, 196, 404, 84, shade(lens, 0.6)),
    box(302, 190, 196, 400, 84, shade(charcoal, 0.2)),
    box(322, 210, 156, 360, 64, lens),
    path('M440 216Q478 230 478 274V506Q478 556 440 564Z', shade(lens, 0.2)),
    range(4).map(
      (row) => circle(400, 270 + row * 76, 30, tint(lens, 0.3)) + circle(400, 270 + row * 76, 17, '#ffe3dd'),
    ),
    stroke('M346 280V500', tint(lens, 0.45), 10),
  )
}

function stormLantern({ metal }) {
  return picture(
    pool(400, 430, 310),
    floorShadow(400, 690, 170, 20),
    stroke('M256 300C236 70 564 70 544 300', stone, 11),
    stroke(
      'M330 250C236 260 232 330 236 440C238 540 250 590 300 610M470 250C564 260 568 330 564 440C562 540 550 590 500 610',
      metal,
      24,
    ),
    path('M352 210Q352 160 400 156Q448 160 448 210L468 262H332Z', metal),
    path('M420 160Q448 172 448 210L468 262H424Z', shade(metal, 0.18)),
    stroke('M366 214H434', shade(metal, 0.4), 9),
    box(316, 256, 168, 30, 12, shade(metal, 0.25)),
    path(
      'M336 286H464C500 360 516 400 502 450C492 500 476 520 466 540H334C324 520 308 500 298 450C284 400 300 360 336 286Z',
      cream,
      { opacity: 0.85 },
    ),
    path('M400 350C430 400 446 430 440 468C434 500 420 512 400 512S366 500 360 468C354 430 370 400 400 350Z', warm),
    path('M400 416C416 444 422 460 418 482C414 498 408 504 400 504S386 498 382 482C378 460 384 444 400 416Z', white),
    stroke('M334 330C312 380 308 420 318 452', white, 9),
    stroke('M306 400C360 424 440 424 496 400', stone, 5),
    box(316, 536, 168, 34, 12, shade(metal, 0.25)),
    path('M290 570H510Q548 580 552 650Q552 688 516 688H284Q248 688 248 650Q252 580 290 570Z', metal),
    path('M450 570H510Q548 580 552 650Q552 688 516 688H460Z', shade(metal, 0.16)),
    stroke('M262 640H538', shade(metal, 0.35), 7),
    circle(478, 604, 17, sand),
    stroke('M494 604H530', sand, 9),
  )
}

export const lighting = {
  'LGT-0401': () => headlamp({ shell: sky, band: navy, stripe: cream, lenses: 2 }),
  'LGT-0402': () => headlamp({ shell: rust, band: charcoal, stripe: rust, lenses: 1, topStrap: true }),
  'LGT-0403': () => tableLantern({ frame: forest, cap: wood }),
  'LGT-0404': () => bellowsLantern({ silicone: mustard, base: teal }),
  'LGT-0405': () => handTorch({ tube: stone, ringColour: charcoal, figure: 0 }),
  'LGT-0406': () => stringLights({ spool: brick, cable: forest, figure: 1 }),
  'LGT-0407': () => handlebarLight({ shell: steel }),
  'LGT-0408': () => rearLight({ lens: brick }),
  'LGT-0409': () => stormLantern({ metal: brick }),
}
