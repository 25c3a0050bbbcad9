// Sleeping bags, mats, pillows and other things to sleep on.

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
  spruce,
  stroke,
  studio,
  tint,
  turn,
} from './canvas.mjs'

const { forest, moss, teal, sky, mustard, rust, brick, rose, cream, wood, bark, charcoal, stone, steel, plum, navy } =
  palette

const wall = '#e9ecf5'

const mummyOutline =
  'M400 96C316 96 266 160 262 244C258 330 272 372 280 430L312 644C318 690 350 710 400 710S482 690 488 644L520 430C528 372 542 330 538 244C534 160 484 96 400 96Z'

/** Width of the mummy bag at a height, so that the quilting stays inside its outline. */
const mummyHalfWidth = (y) => (y < 330 ? 134 : y < 430 ? 134 - (y - 330) * 0.14 : 120 - (y - 430) * 0.155)

const quilting = {
  baffles: (colour) =>
    range(9).map((row) => {
      const y = 356 + row * 39
      const half = mummyHalfWidth(y) - 4
      return stroke(`M${400 - half} ${y}Q400 ${y + 26} ${400 + half} ${y}`, colour, 5)
    }),
  chevron: (colour) =>
    range(8).map((row) => {
      const y = 352 + row * 42
      const half = mummyHalfWidth(y) - 4
      return stroke(`M${400 - half} ${y}L400 ${y + 34}L${400 + half} ${y}`, colour, 5)
    }),
  boxes: (colour) => [
    ...range(7).map((row) => {
      const y = 366 + row * 47
      const half = mummyHalfWidth(y) - 4
      return stroke(`M${400 - half} ${y}Q400 ${y + 16} ${400 + half} ${y}`, colour, 5)
    }),
    stroke('M348 352L368 690M452 352L432 690', colour, 5),
  ],
}

function stuffSack(x, y, colour) {
  return move(
    `translate(${x} ${y})`,
    ellipse(50, 152, 72, 12, palette.ink, { opacity: 0.12 }),
    path('M30 24Q50 4 70 24L62 44H38Z', shade(colour, 0.3)),
    box(0, 36, 100, 118, 26, colour),
    path('M62 36H74A26 26 0 0 1 100 62V128A26 26 0 0 1 74 154H62Z', shade(colour, 0.16)),
    stroke('M2 66H98M2 124H98', shade(colour, 0.35), 6),
    circle(50, 20, 9, charcoal),
  )
}

function mummyBag({ shell, lining, quilt, tilt, figure, sack }) {
  return picture(
    studio(wall, figure),
    turn(
      tilt,
      path(mummyOutline, palette.ink, { opacity: 0.1, transform: 'translate(16 14)' }),
      path(mummyOutline, shell),
      path(
        'M400 96C484 96 534 160 538 244C542 330 528 372 520 430L488 644C482 690 450 710 400 710C444 680 462 640 470 560C486 420 500 330 490 240C484 170 450 110 400 96Z',
        shade(shell, 0.16),
      ),
      quilting[quilt](shade(shell, 0.3)),
      path('M284 588Q400 622 496 588L488 644C482 690 450 710 400 710S318 690 312 644L304 594Z', shade(shell, 0.34)),
      ellipse(400, 226, 100, 104, shade(lining, 0.12)),
      ellipse(400, 238, 82, 86, lining),
      ellipse(400, 246, 60, 62, shade(lining, 0.45)),
      path('M342 262C350 236 450 236 458 262C462 296 436 308 400 308S338 296 342 262Z', cream),
      stroke('M362 270Q400 258 438 270', shade(cream, 0.15), 4),
      stroke('M304 282C296 340 306 420 316 470', cream, 7),
      box(309, 466, 14, 26, 6, mustard),
      stroke('M400 330Q388 346 392 366M400 330Q414 344 410 362', charcoal, 4),
      circle(400, 330, 8, charcoal),
    ),
    sack ? stuffSack(...sack, shade(shell, 0.1)) : '',
  )
}

function doubleBag({ shell, lining, figure }) {
  const check = shade(lining, 0.18)
  return picture(
    studio(wall, figure),
    turn(
      -5,
      box(176, 144, 480, 560, 40, palette.ink, { opacity: 0.1 }),
      box(160, 128, 480, 560, 40, lining),
      stroke('M164 190H636M164 270H636M240 132V360M320 132V360M400 132V360M480 132V360M560 132V380', check, 8),
      box(196, 150, 188, 112, 40, cream),
      box(416, 150, 188, 112, 40, cream),
      stroke('M230 232Q290 250 350 232M450 232Q510 250 570 232', shade(cream, 0.14), 5),
      path('M160 330C300 350 420 320 640 400V648A40 40 0 0 1 600 688H200A40 40 0 0 1 160 648Z', shell),
      path('M160 330C300 350 420 320 640 400V440C480 366 320 392 160 372Z', tint(lining, 0.2)),
      path('M400 384C480 388 560 408 640 440V648A40 40 0 0 1 600 688H400Z', shade(shell, 0.12)),
      range(6).map((row) =>
        stroke(`M166 ${430 + row * 44}Q400 ${414 + row * 44} 634 ${456 + row * 40}`, shade(shell, 0.28), 5),
      ),
      stroke('M400 388V684', cream, 7),
      box(393, 400, 14, 28, 6, mustard),
    ),
  )
}

function selfInflatingMat({ top, underside, figure }) {
  return picture(
    studio(wall, figure),
    turn(
      16,
      box(286, 116, 256, 500, 30, palette.ink, { opacity: 0.1 }),
      box(272, 100, 256, 520, 34, top),
      path('M430 100H494A34 34 0 0 1 528 134V600H430Z', shade(top, 0.1)),
      range(4).map((row) =>
        stroke(
          `M306 ${200 + row * 92}C350 ${160 + row * 92} 370 ${240 + row * 92} 400 ${200 + row * 92}S460 ${160 + row * 92} 494 ${200 + row * 92}`,
          shade(top, 0.26),
          9,
        ),
      ),
      circle(300, 128, 15, charcoal),
      circle(300, 128, 7, mustard),
      circle(500, 128, 15, charcoal),
      circle(500, 128, 7, mustard),
      path('M266 560H534V640H266Z', shade(top, 0.2)),
      box(246, 580, 308, 112, 54, underside),
      box(246, 580, 308, 46, 23, tint(underside, 0.22)),
      ellipse(506, 636, 47, 56, shade(underside, 0.3)),
      stroke('M506 610C530 610 534 660 506 662C482 664 480 622 504 624C520 624 520 648 506 646', top, 7),
      stroke('M330 582V690', cream, 16),
      box(318, 622, 24, 32, 5, charcoal),
    ),
  )
}

function airMat({ tubes, stripe, figure }) {
  const rows = range(13)
  return picture(
    studio(wall, figure),
    turn(
      -14,
      path('M560 110H570Q590 330 560 420L530 690Q520 716 480 712H330Z', palette.ink, { opacity: 0.1 }),
      rows.map((row) => {
        const half = 158 - Math.max(0, row - 4) * 6
        const y = 92 + row * 47
        const colour = row === 3 || row === 4 ? stripe : tubes
        return (
          box(400 - half, y, half * 2, 50, 25, row % 2 ? shade(colour, 0.06) : colour) +
          stroke(`M${Math.round(424 - half)} ${y + 15}H${Math.round(376 + half)}`, tint(colour, 0.4), 7) +
          stroke(`M${Math.round(424 - half)} ${y + 47}H${Math.round(376 + half)}`, shade(colour, 0.28), 4)
        )
      }),
      circle(284, 118, 20, charcoal),
      circle(284, 118, 12, steel),
      circle(284, 118, 5, charcoal),
    ),
  )
}

function foldedFoamMat({ top, side, figure }) {
  // An accordion of panels lying on the floor: up one slope, down the next.
  const height = (index) => (index % 2 ? 430 : 500)
  const panels = range(5).map((index) => {
    const left = 138 + index * 92
    const [from, to] = [height(index), height(index + 1)]
    const colour = index % 2 ? shade(top, 0.16) : top
    const dots = range(3).flatMap((column) =>
      range(4).map((row) => {
        const across = (column + 0.55) / 3.1
        const deep = (row + 0.6) / 4.3
        return ellipse(
          left + 92 * across + 64 * deep,
          from + (to - from) * across - 190 * deep,
          10,
          8,
          shade(colour, 0.2),
        )
      }),
    )
    return path(`M${left} ${from}L${left + 92} ${to}l64 -190L${left + 64} ${from - 190}Z`, colour) + dots.join('')
  })
  const edge = range(6)
    .map((index) => `${index ? 'L' : 'M'}${138 + index * 92} ${height(index)}`)
    .join('')
  return picture(
    studio(wall, figure),
    floorShadow(400, 552, 320, 28),
    move('translate(0 40)', panels, stroke(edge, side, 24)),
  )
}

function campingPillow({ cover, piping, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 590, 260, 24),
    turn(
      -6,
      path(
        'M140 270C150 220 200 240 250 256C350 232 450 232 550 256C600 240 650 220 660 270C668 320 636 340 632 400S668 500 660 540C650 588 600 566 550 552C450 574 350 574 250 552C200 566 150 588 140 540C132 500 164 460 168 400S132 320 140 270Z',
        cover,
      ),
      path(
        'M660 270C668 320 636 340 632 400S668 500 660 540C650 588 600 566 550 552C450 574 350 574 250 552C200 566 150 588 140 540C300 540 520 520 570 440C600 390 600 300 660 270Z',
        shade(cover, 0.12),
      ),
      stroke(
        'M140 270C150 220 200 240 250 256C350 232 450 232 550 256C600 240 650 220 660 270C668 320 636 340 632 400S668 500 660 540C650 588 600 566 550 552C450 574 350 574 250 552C200 566 150 588 140 540C132 500 164 460 168 400S132 320 140 270Z',
        piping,
        9,
      ),
      stroke(
        'M200 300C230 320 250 330 270 334M600 300C570 320 550 330 530 334M200 512C230 490 250 482 276 478M600 512C570 490 550 482 524 478',
        shade(cover, 0.24),
        6,
      ),
      range(3).map((row) =>
        range(4).map((column) => stroke(`M${310 + column * 58} ${352 + row * 52}l10 -16l10 16`, tint(cover, 0.5), 6)),
      ),
      path('M632 392h34v26h-34z', piping),
    ),
  )
}

function hammock({ fabric, stripe, figure }) {
  const trunk = (x) =>
    box(x, 60, 74, 640, 0, bark) +
    box(x + 46, 60, 28, 640, 0, shade(bark, 0.2)) +
    stroke(`M${x + 18} 140v60M${x + 30} 480v70M${x + 16} 590v50`, shade(bark, 0.3), 6)
  return picture(
    studio('#e8f0e6', figure),
    spruce(330, 690, 300, '#c5d8c4'),
    spruce(470, 690, 230, '#bdd2bd'),
    trunk(60),
    trunk(666),
    path('M0 690H800V800H0Z', '#bcd3b2'),
    floorShadow(400, 712, 230, 18),
    box(56, 286, 82, 26, 4, mustard),
    box(662, 286, 82, 26, 4, mustard),
    stroke('M136 300L196 352M664 300L604 352', charcoal, 8),
    stroke('M196 352L262 424M196 352L240 420M604 352L538 424M604 352L560 420', cream, 4),
    path('M190 346C240 420 300 470 400 470S560 420 610 346C604 480 530 600 400 600S196 480 190 346Z', fabric),
    path(
      'M190 346C240 420 300 470 400 470S560 420 610 346C600 410 520 520 400 520S200 410 190 346Z',
      shade(fabric, 0.34),
    ),
    path(
      'M193 372C210 470 290 560 400 560S590 470 607 372C606 388 604 400 602 412C580 510 500 584 400 584S220 510 198 412C196 400 194 388 193 372Z',
      stripe,
    ),
    stroke('M280 500C320 540 350 560 380 570M520 500C490 534 460 554 436 564', shade(fabric, 0.2), 5),
    box(330, 470, 140, 44, 22, cream),
    stroke('M350 494Q400 506 450 494', shade(cream, 0.16), 4),
  )
}

function campBed({ canvas, frame, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(410, 626, 310, 26),
    stroke('M210 420L300 560M300 420L210 560M540 420L640 560M640 420L540 560', shade(frame, 0.35), 12),
    path('M216 316H668L720 400H132Z', canvas),
    path('M420 316H668L720 400H440Z', shade(canvas, 0.1)),
    stroke('M216 314H668', shade(frame, 0.2), 16),
    stroke('M128 406H724', frame, 20),
    path('M132 412H720L700 446H152Z', shade(canvas, 0.3)),
    stroke(
      'M170 450L276 612M276 450L170 612M374 450L480 612M480 450L374 612M578 450L684 612M684 450L578 612',
      frame,
      14,
    ),
    circle(223, 531, 10, charcoal),
    circle(427, 531, 10, charcoal),
    circle(631, 531, 10, charcoal),
    stroke('M154 616H292M358 616H496M562 616H700', charcoal, 14),
    path('M226 330C230 286 258 290 290 292C330 288 366 288 372 330C378 372 352 374 300 374S220 372 226 330Z', cream),
    stroke('M250 352Q300 364 346 350', shade(cream, 0.16), 5),
  )
}

export const sleeping = {
  'SLP-0201': () => mummyBag({ shell: moss, lining: mustard, quilt: 'chevron', tilt: 10, figure: 0 }),
  'SLP-0202': () => mummyBag({ shell: teal, lining: rust, quilt: 'baffles', tilt: -8, figure: 1, sack: [590, 520] }),
  'SLP-0203': () => mummyBag({ shell: brick, lining: navy, quilt: 'boxes', tilt: 8, figure: 3, sack: [100, 510] }),
  'SLP-0204': () => doubleBag({ shell: navy, lining: rose, figure: 0 }),
  'SLP-0205': () => selfInflatingMat({ top: forest, underside: stone, figure: 1 }),
  'SLP-0206': () => airMat({ tubes: mustard, stripe: rust, figure: 3 }),
  'SLP-0207': () => foldedFoamMat({ top: tint(plum, 0.25), side: plum, figure: 0 }),
  'SLP-0208': () => campingPillow({ cover: sky, piping: navy, figure: 1 }),
  'SLP-0209': () => hammock({ fabric: rust, stripe: mustard, figure: 2 }),
  'SLP-0210': () => campBed({ canvas: forest, frame: wood, figure: 3 }),
}
