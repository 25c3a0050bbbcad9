// Tools for the camp and the bicycle workshop.

import {
  box,
  circle,
  ellipse,
  floorShadow,
  move,
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

const { forest, teal, sky, mustard, rust, brick, cream, charcoal, stone, steel, navy, wood, sand } = palette

const wall = '#f1eee6'
const deepWall = '#e5dfce'

function foldingMultiTool({ body, figure }) {
  // The keys fan out of the two ends of the handle.
  const key = (x, degrees, length, tip) =>
    move(
      `translate(${x} 470) rotate(${degrees})`,
      box(-11, -length, 22, length, 5, steel),
      box(1, -length, 10, length, 4, shade(steel, 0.16)),
      tip(length),
    )
  const hex = (length) =>
    path(`M-13 ${-length}L0 ${-length - 10}L13 ${-length}L11 ${-length + 26}H-11Z`, shade(stone, 0.1))
  const flat = (length) => path(`M-15 ${-length + 20}L-15 ${-length - 20}H15L15 ${-length + 20}Z`, stone)
  const cross = (length) => path(`M-12 ${-length + 18}L-4 ${-length - 26}H4L12 ${-length + 18}Z`, stone)
  return picture(
    studio(wall, figure),
    floorShadow(400, 600, 250, 20),
    key(206, -46, 190, flat),
    key(206, -16, 240, hex),
    key(206, 12, 200, cross),
    key(594, 46, 170, hex),
    key(594, 16, 220, hex),
    key(594, -14, 260, (length) => path(`M-11 ${-length + 6}H11V${-length + 30}H-11Z`, brick) + hex(length)),
    box(146, 424, 508, 104, 52, charcoal),
    box(146, 470, 508, 110, 55, shade(body, 0.2)),
    box(146, 460, 508, 108, 54, body),
    box(270, 488, 260, 52, 26, shade(body, 0.3)),
    stroke('M300 514H500', tint(body, 0.35), 8, { 'stroke-dasharray': '2 24' }),
    circle(206, 514, 30, steel),
    circle(594, 514, 30, steel),
    path('M206 498l14 8v16l-14 8l-14 -8v-16ZM594 498l14 8v16l-14 8l-14 -8v-16Z', charcoal),
  )
}

function hatchet({ shaft, grip, figure }) {
  return picture(
    studio(wall, figure),
    turn(
      34,
      move('translate(18 12)', path('M372 110H428L436 690Q400 726 364 690Z', palette.ink, { opacity: 0.1 })),
      path(
        'M374 100H426C424 260 424 400 432 520L446 676Q446 706 400 706T354 676L368 520C376 400 376 260 374 100Z',
        shaft,
      ),
      path('M404 100H426C424 260 424 400 432 520L446 676Q446 706 400 706C414 560 404 300 404 100Z', shade(shaft, 0.16)),
      path('M368 520L432 520L446 676Q446 706 400 706T354 676Z', grip),
      stroke('M366 556L440 546M362 596L442 586M358 636L446 626', shade(grip, 0.35), 8),
      circle(400, 678, 9, cream),
      path('M350 132H452V246H430C380 246 300 250 222 316C196 250 196 160 226 92C290 136 330 132 350 132Z', stone),
      path('M226 92C196 160 196 250 222 316L252 294C232 238 232 166 254 110Z', tint(steel, 0.5)),
      path('M430 132H462Q470 132 470 140V238Q470 246 462 246H430Z', shade(stone, 0.3)),
      stroke('M388 100H412', shade(shaft, 0.5), 9),
    ),
  )
}

function foldingSaw({ handle, accent, figure }) {
  const teeth = range(19)
    .map((index) => `L${662 - index * 18 - 9} ${462 - index * 1}L${662 - index * 18 - 18} ${446 - index * 1}`)
    .join('')
  return picture(
    studio(wall, figure),
    turn(
      -24,
      move(
        'translate(8 26)',
        path('M70 420Q200 470 360 440L700 440L690 380L350 370L90 370Z', palette.ink, { opacity: 0.1 }),
      ),
      path(`M320 362C460 340 600 340 706 380Q716 400 702 440L680 446H662${teeth}L320 440Z`, steel),
      path('M320 362C460 340 600 340 706 380L704 392C600 354 460 356 320 380Z', tint(steel, 0.6)),
      path(
        'M360 348C378 340 392 360 390 400S376 462 350 462C270 462 190 500 120 478C76 464 60 420 84 384C104 356 150 366 196 366C260 366 310 366 360 348Z',
        handle,
      ),
      path(
        'M390 400C388 440 376 462 350 462C270 462 190 500 120 478C90 468 74 446 74 424C150 470 280 430 390 400Z',
        shade(handle, 0.22),
      ),
      path('M150 396C200 388 260 388 306 384L300 412C250 416 200 426 154 430Q138 414 150 396Z', accent),
      circle(354, 404, 23, charcoal),
      circle(354, 404, 12, steel),
      circle(106, 428, 13, wall),
    ),
  )
}

function repairStand({ post, clamp, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(380, 712, 220, 18),
    stroke('M360 560L190 704M360 560L560 700M360 560V712', shade(post, 0.3), 22),
    stroke('M360 620L258 648M360 620L470 640', stone, 11),
    circle(190, 704, 18, charcoal),
    circle(560, 700, 18, charcoal),
    circle(360, 712, 18, charcoal),
    box(340, 250, 40, 380, 8, post),
    box(362, 250, 18, 380, 0, shade(post, 0.2)),
    box(348, 110, 24, 170, 6, steel),
    box(328, 420, 64, 44, 10, charcoal),
    stroke('M392 442H446', mustard, 15),
    box(328, 536, 64, 50, 10, charcoal),
    box(326, 110, 68, 74, 14, charcoal),
    box(380, 130, 170, 34, 8, steel),
    box(400, 126, 34, 42, 8, clamp),
    stroke('M360 110V70', charcoal, 13),
    stroke('M330 66H390', mustard, 17),
    path(
      'M540 96H640Q660 96 660 116V134H566V160H660V180Q660 200 640 200H540Q520 200 520 180V116Q520 96 540 96Z',
      clamp,
    ),
    path('M520 150H566V160H660V180Q660 200 640 200H540Q520 200 520 180Z', shade(clamp, 0.25)),
    stroke('M590 200V244', steel, 13),
    stroke('M556 250H624', charcoal, 19),
    path('M376 480H492V520Q492 540 470 540H398Q376 540 376 520Z', shade(clamp, 0.1)),
    stroke('M404 480V430M464 480V440', steel, 12),
    box(394, 400, 20, 40, 6, teal),
    box(454, 416, 20, 36, 6, mustard),
  )
}

function hexKeySet({ holder, colours, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 676, 220, 20),
    colours.map((colour, index) => {
      const x = 206 + index * 64
      const top = 160 + index * 34
      const width = 26 - index * 2.4
      return (
        stroke(`M${x} 560V${top + 24}Q${x} ${top} ${x + 24} ${top}H${x + 90 - index * 6}`, shade(steel, 0.12), width) +
        stroke(`M${x} 470V${top + 60}`, colour, width + 4, { 'stroke-linecap': 'butt' })
      )
    }),
    path('M150 500Q150 470 180 470H600Q640 470 640 510L620 640Q614 676 580 676H210Q176 676 170 640Z', holder),
    path('M500 470H600Q640 470 640 510L620 640Q614 676 580 676H500Z', shade(holder, 0.14)),
    colours.map(
      (colour, index) =>
        ellipse(206 + index * 64, 496, 21 - index, 9, shade(holder, 0.5)) + circle(206 + index * 64, 560, 13, colour),
    ),
    stroke('M204 624H590', shade(holder, 0.3), 9),
  )
}

function pocketKnife({ scales, figure }) {
  return picture(
    studio(wall, figure),
    turn(
      -28,
      move(
        'translate(12 24)',
        path('M84 430C150 360 260 344 400 346H640A64 64 0 0 1 640 474H400Z', palette.ink, { opacity: 0.1 }),
      ),
      path('M84 438C140 372 240 340 390 340H430V440H390C280 452 180 452 84 438Z', steel),
      path('M84 438C180 452 280 452 390 440H430V418H390C280 432 180 440 84 438Z', tint(steel, 0.6)),
      stroke('M250 374Q300 362 352 362', shade(steel, 0.3), 8),
      path('M676 410C770 400 770 500 700 486C668 478 664 450 690 440', 'none', { stroke: stone, 'stroke-width': 10 }),
      path(
        'M380 352Q380 330 404 330H620C680 330 706 366 706 404S680 474 620 474C560 474 520 452 470 456H404Q380 456 380 434Z',
        scales,
      ),
      path('M380 404H706C706 442 680 474 620 474C560 474 520 452 470 456H404Q380 456 380 434Z', shade(scales, 0.16)),
      box(380, 330, 44, 126, 10, stone),
      box(404, 330, 20, 126, 0, shade(stone, 0.25)),
      circle(402, 394, 13, charcoal),
      circle(500, 396, 9, steel),
      circle(640, 404, 13, steel),
      stroke('M446 356H610', tint(scales, 0.4), 9),
    ),
  )
}

function punctureKit({ tin, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 660, 300, 22),
    path('M150 290L200 170H640L660 290Z', shade(tin, 0.3)),
    path('M216 190H622L636 276H182Z', shade(tin, 0.5)),
    box(130, 290, 540, 330, 34, shade(tin, 0.2)),
    box(130, 280, 540, 326, 34, tin),
    box(158, 306, 484, 274, 22, shade(tin, 0.55)),
    circle(248, 390, 58, charcoal),
    circle(248, 390, 36, brick),
    circle(354, 372, 42, charcoal),
    circle(354, 372, 26, brick),
    circle(340, 484, 50, charcoal),
    circle(340, 484, 30, brick),
    circle(236, 508, 38, charcoal),
    circle(236, 508, 23, brick),
    path('M430 346L444 520H500L514 346Z', cream),
    path('M446 540H498L492 560H452Z', charcoal),
    box(440, 516, 64, 26, 4, steel),
    path('M434 390H510L506 440H438Z', mustard),
    box(426, 334, 92, 18, 4, stone),
    box(546, 330, 70, 92, 10, stone),
    range(4).map((row) => stroke(`M558 ${350 + row * 18}H604`, shade(stone, 0.3), 4)),
    box(546, 446, 70, 110, 10, sand),
    stroke('M560 474H602M560 498H602', shade(sand, 0.25), 6),
    move(
      'rotate(-16 300 660)',
      path('M110 640Q96 640 96 656T110 672H420Q470 680 486 650Q470 660 440 640Z', teal),
      stroke('M130 656H340', tint(teal, 0.45), 7),
    ),
    move(
      'rotate(6 560 680)',
      path('M420 652Q406 652 406 668T420 684H680Q726 690 740 660Q724 670 700 652Z', rust),
      stroke('M440 668H620', tint(rust, 0.45), 7),
    ),
  )
}

function foldingShovel({ blade, shaft, figure }) {
  return picture(
    studio(wall, figure),
    turn(
      26,
      move(
        'translate(16 12)',
        path('M300 430H500V600Q470 690 400 720Q330 690 300 600Z', palette.ink, { opacity: 0.1 }),
      ),
      path(
        'M330 100H470Q496 100 490 126L462 200Q456 212 442 212H358Q344 212 338 200L310 126Q304 100 330 100Z',
        charcoal,
      ),
      path('M352 128H448L430 184H370Z', deepWall),
      box(382, 204, 36, 240, 8, shaft),
      box(402, 204, 16, 240, 0, shade(shaft, 0.2)),
      box(372, 300, 56, 40, 10, charcoal),
      stroke('M380 312H420M380 326H420', stone, 4),
      box(366, 410, 68, 56, 12, charcoal),
      circle(400, 438, 12, steel),
      path('M300 456Q300 440 316 440H484Q500 440 500 456V590Q476 690 400 724Q324 690 300 590Z', blade),
      path('M400 440H484Q500 440 500 456V590Q476 690 400 724Z', shade(blade, 0.16)),
      path('M300 590Q324 690 400 724Q476 690 500 590L482 586Q460 668 400 698Q340 668 318 586Z', tint(steel, 0.3)),
      stroke('M400 480V640M352 480V600M448 480V600', shade(blade, 0.35), 9),
      stroke('M300 470l-12 14l12 14l-12 14l12 14l-12 14l12 14', shade(blade, 0.3), 8),
    ),
  )
}

function torqueWrench({ grip, figure }) {
  return picture(
    studio(wall, figure),
    turn(
      -40,
      move('translate(12 22)', box(70, 366, 660, 70, 35, palette.ink, { opacity: 0.1 })),
      box(300, 368, 320, 56, 12, steel),
      box(300, 398, 320, 26, 0, shade(steel, 0.18)),
      range(11).map((index) => stroke(`M${330 + index * 20} 372V${index % 5 ? 384 : 394}`, charcoal, 4)),
      path('M90 350H300Q316 350 316 366V426Q316 442 300 442H90Q50 442 50 396T90 350Z', grip),
      path('M50 400H316V426Q316 442 300 442H90Q52 442 50 400Z', shade(grip, 0.22)),
      range(9).map((index) => box(100 + index * 22, 350, 9, 92, 0, shade(grip, 0.36))),
      box(312, 344, 30, 104, 8, charcoal),
      path('M600 360L660 324Q746 324 746 396T660 468L600 432Z', stone),
      path('M600 400H746Q744 468 660 468L600 432Z', shade(stone, 0.18)),
      circle(676, 396, 42, charcoal),
      path('M676 368l24 14v28l-24 14l-24 -14v-28Z', steel),
      box(590, 352, 30, 88, 8, mustard),
    ),
    move(
      'translate(560 590)',
      range(3).map((index) =>
        move(
          `translate(${index * 62 - 40} ${index * -14})`,
          box(0, 0, 46, 70, 10, shade(stone, 0.1)),
          box(26, 0, 20, 70, 8, shade(stone, 0.3)),
          path(`M14 0V${-26 - index * 6}H32V0Z`, steel),
        ),
      ),
    ),
  )
}

export const tools = {
  'TLS-0801': () => foldingMultiTool({ body: brick, figure: 0 }),
  'TLS-0802': () => hatchet({ shaft: wood, grip: rust, figure: 1 }),
  'TLS-0803': () => foldingSaw({ handle: forest, accent: mustard, figure: 3 }),
  'TLS-0804': () => repairStand({ post: navy, clamp: sky, figure: 2 }),
  'TLS-0805': () => hexKeySet({ holder: charcoal, colours: [brick, rust, mustard, forest, sky, navy], figure: 3 }),
  'TLS-0806': () => pocketKnife({ scales: wood, figure: 0 }),
  'TLS-0807': () => punctureKit({ tin: tint(forest, 0.15), figure: 2 }),
  'TLS-0808': () => foldingShovel({ blade: shade(forest, 0.1), shaft: stone, figure: 0 }),
  'TLS-0809': () => torqueWrench({ grip: teal, figure: 1 }),
}
