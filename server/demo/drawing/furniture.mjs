// Camp furniture.

import {
  box,
  circle,
  ellipse,
  floorShadow,
  palette,
  path,
  picture,
  range,
  shade,
  stroke,
  studio,
  tint,
} from './canvas.mjs'

const { forest, teal, sky, mustard, rust, brick, cream, charcoal, stone, steel, navy, wood, plum } = palette

const wall = '#eef2e2'

function armChair({ canvas, piping, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 690, 260, 22),
    stroke('M240 420V130M560 420V130', stone, 15),
    stroke('M260 520L540 676M540 520L260 676', shade(stone, 0.3), 13),
    path('M236 140Q400 176 564 140L552 430H248Z', canvas),
    path('M480 158Q524 150 564 140L552 430H480Z', shade(canvas, 0.12)),
    path('M236 140Q400 176 564 140L562 186Q400 222 238 186Z', shade(canvas, 0.3)),
    stroke('M250 400H550', piping, 8),
    path('M230 420H570L610 520Q400 570 190 520Z', tint(canvas, 0.14)),
    path('M190 520Q400 570 610 520V548Q400 604 190 548Z', shade(canvas, 0.26)),
    stroke('M190 540L240 686M610 540L560 686M196 690L602 546M604 690L198 546', stone, 15),
    stroke('M190 540V360M610 540V360', stone, 15),
    path(
      'M160 344Q160 326 178 326H262V372H178Q160 372 160 354ZM640 344Q640 326 622 326H538V372H622Q640 372 640 354Z',
      shade(canvas, 0.38),
    ),
    path('M574 366H642L634 450H582Z', piping),
    ellipse(608, 366, 34, 9, shade(piping, 0.4)),
    range(2).map(
      (index) => box(178 + index * 412, 684, 32, 14, 6, charcoal) + box(226 + index * 316, 684, 32, 14, 6, charcoal),
    ),
  )
}

function beachChair({ stripeA, stripeB, frame, figure }) {
  // Side view: a sling of striped cloth in a wooden frame.
  return picture(
    studio(wall, figure),
    floorShadow(400, 652, 300, 22),
    stroke('M190 170L620 640', shade(frame, 0.25), 22),
    stroke('M170 640L600 400', shade(frame, 0.25), 20),
    stroke('M300 292L250 640', shade(frame, 0.35), 16),
    path(
      'M226 150C240 330 300 500 420 520C500 532 570 470 640 380L690 416C620 520 520 600 410 584C260 562 170 380 160 190Z',
      stripeA,
    ),
    path(
      'M218 262L172 284C166 250 162 220 160 190L226 150C226 190 222 230 218 262ZM258 374L214 414C200 384 190 352 182 320L232 300C240 326 248 352 258 374ZM316 466L276 514C262 496 248 476 238 456L282 420C292 438 304 454 316 466ZM402 518L390 580C366 576 344 566 324 554L356 500C370 510 386 516 402 518ZM498 508L524 562C500 574 474 582 446 586L446 522C466 522 482 518 498 508ZM574 456L616 506C600 524 582 538 562 548L528 492C544 482 560 470 574 456Z',
      stripeB,
    ),
    stroke('M210 150L640 650', frame, 24),
    stroke('M150 650L660 372', frame, 22),
    stroke('M136 178L246 132', frame, 26),
    stroke('M626 360L704 432', frame, 26),
    path('M168 206C190 176 220 168 244 176L258 262C230 256 200 266 182 286Z', cream),
  )
}

function tripodStool({ seat, legs, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 690, 230, 22),
    stroke('M300 290L560 680M500 290L240 680M400 300L400 700', shade(legs, 0.05), 26),
    stroke('M312 308L548 662', tint(legs, 0.25), 6),
    path('M362 466H438V516H362Z', charcoal),
    stroke('M366 480H434M366 500H434', stone, 5),
    circle(560, 684, 18, charcoal),
    circle(240, 684, 18, charcoal),
    circle(400, 704, 18, charcoal),
    path('M200 250Q400 300 600 250L420 380Q400 392 380 380Z', shade(seat, 0.34)),
    path('M190 244C230 200 330 190 400 190S570 200 610 244C560 290 460 330 400 330S240 290 190 244Z', seat),
    path('M400 330C460 330 560 290 610 244C580 210 520 198 470 193C500 240 470 300 400 330Z', shade(seat, 0.14)),
    stroke('M214 248C270 286 340 308 400 308S530 286 586 248', tint(seat, 0.4), 6),
    circle(206, 246, 12, mustard),
    circle(594, 246, 12, mustard),
    circle(400, 322, 12, mustard),
  )
}

function rollTopTable({ slats, frame, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 660, 290, 22),
    stroke('M250 400L560 640M550 400L240 640', shade(frame, 0.4), 14),
    stroke('M160 420L330 650M640 420L470 650M330 420L160 650M470 420L640 650', frame, 17),
    range(9).map((index) =>
      path(
        `M${214 + index * 41} 320H${251 + index * 41}L${197 + (index + 0.9) * 64 - 100} 410H${197 + index * 64 - 100}Z`,
        index % 2 ? slats : tint(slats, 0.16),
      ),
    ),
    path('M97 410H671V436H97Z', shade(slats, 0.3)),
    stroke('M97 436H671', frame, 9),
    circle(245, 535, 10, charcoal),
    circle(555, 535, 10, charcoal),
    box(150, 640, 40, 20, 8, charcoal),
    box(316, 640, 40, 20, 8, charcoal),
    box(450, 640, 40, 20, 8, charcoal),
    box(620, 640, 40, 20, 8, charcoal),
    path('M440 262H510L502 356H448Z', teal),
    stroke('M508 284C544 280 540 330 504 330', teal, 11),
    ellipse(475, 262, 35, 8, shade(teal, 0.4)),
    path('M250 330H370Q366 372 310 372T250 330Z', cream),
    circle(290, 322, 22, brick),
    circle(328, 318, 24, rust),
    circle(310, 300, 20, mustard),
    path('M250 330H370Q369 340 364 348H256Q251 340 250 330Z', shade(cream, 0.08)),
  )
}

function recliner({ canvas, frame, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(410, 640, 320, 22),
    stroke('M250 440L180 632M250 440L560 632M520 460L300 632', shade(frame, 0.35), 15),
    path('M112 168L160 150L330 430L560 436L706 560L674 596L546 476L312 474Z', canvas),
    path('M112 168L312 474L546 476L674 596L664 606L540 494L304 492Z', shade(canvas, 0.34)),
    stroke('M196 236L160 256M240 306L202 326M282 376L244 396', tint(canvas, 0.35), 7),
    stroke('M400 434V474M480 436V474M600 472L570 500M650 516L622 546', tint(canvas, 0.35), 7),
    path('M122 160Q150 120 190 150L232 220Q230 250 196 252Q170 250 160 232Z', cream),
    stroke('M160 180L204 236', shade(cream, 0.14), 5),
    stroke('M108 176L308 486H548L676 606', frame, 17),
    stroke('M240 368H452L560 632M452 368L350 632', frame, 17),
    box(226, 346, 250, 30, 15, charcoal),
    stroke('M150 632H330M330 632H600', frame, 15),
    circle(308, 486, 15, charcoal),
    circle(548, 486, 15, charcoal),
  )
}

function campCupboard({ fabric, top, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 704, 250, 20),
    stroke('M196 220V700M604 220V700', stone, 17),
    box(196, 226, 408, 440, 14, fabric),
    box(500, 226, 104, 440, 0, shade(fabric, 0.12)),
    box(224, 258, 352, 112, 12, shade(fabric, 0.5)),
    box(224, 392, 168, 244, 12, tint(fabric, 0.14)),
    box(408, 392, 168, 244, 12, shade(fabric, 0.5)),
    box(408, 504, 168, 12, 0, steel),
    stroke('M244 412H372V616', cream, 6),
    box(362, 520, 20, 34, 5, mustard),
    path('M250 316H310L304 364H256Z', brick),
    box(326, 300, 44, 64, 8, mustard),
    box(326, 292, 44, 18, 6, charcoal),
    box(384, 318, 40, 46, 6, cream),
    ellipse(494, 352, 56, 12, steel),
    ellipse(494, 340, 50, 11, sky),
    ellipse(494, 328, 44, 10, cream),
    box(428, 446, 60, 58, 8, rust),
    box(498, 432, 54, 72, 8, teal),
    path('M430 570H556L546 632H440Z', wood),
    circle(462, 562, 19, brick),
    circle(500, 556, 20, mustard),
    circle(534, 564, 17, forest),
    box(150, 186, 500, 40, 12, top),
    box(150, 208, 500, 18, 8, shade(top, 0.2)),
    path('M186 186V110Q186 96 200 96H330V186Z', 'none', { stroke: stone, 'stroke-width': 11 }),
    path('M192 116H324V180H192Z', shade(steel, 0.05)),
    path('M470 186V150Q470 120 500 120H560Q590 120 590 150V186Z', stone),
    box(458, 140, 144, 14, 7, charcoal),
    stroke('M510 112H550', charcoal, 13),
  )
}

export const furniture = {
  'FRN-0901': () => armChair({ canvas: navy, piping: mustard, figure: 0 }),
  'FRN-0902': () => beachChair({ stripeA: cream, stripeB: sky, frame: wood, figure: 1 }),
  'FRN-0903': () => tripodStool({ seat: rust, legs: wood, figure: 2 }),
  'FRN-0904': () => rollTopTable({ slats: wood, frame: stone, figure: 3 }),
  'FRN-0905': () => recliner({ canvas: forest, frame: stone, figure: 0 }),
  'FRN-0906': () => campCupboard({ fabric: plum, top: wood, figure: 1 }),
}
