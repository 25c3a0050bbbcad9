// Tents and shelters, pitched on a meadow.

import { circle, floorShadow, meadow, mirror, palette, path, picture, shade, spruce, stroke, tint } from './canvas.mjs'

const { forest, moss, teal, sky, mustard, rust, brick, sand, cream, wood, charcoal, steel, plum, navy } = palette

const grass = '#b9d3a4'
const day = '#e3f0f2'
const evening = '#fbeadb'

const guyLine = (fromX, fromY, toX, toY) =>
  stroke(`M${fromX} ${fromY}L${toX} ${toY}`, '#fffaf0', 4) +
  stroke(`M${toX} ${toY - 12}L${toX + (toX > fromX ? 5 : -5)} ${toY + 10}`, charcoal, 7)

const tuft = (x, y) =>
  stroke(`M${x} ${y}q-4 -14 -12 -20M${x} ${y}q0 -18 2 -26M${x} ${y}q6 -12 14 -16`, shade(grass, 0.25), 5)

function domeTent({ flysheet, door, inner = shade(flysheet, 0.62), doorStyle = 'open', backdrop }) {
  const rightPanel = 'M400 226C545 226 650 420 694 640H520C505 470 470 330 400 226Z'
  const leftPanel = 'M400 226C255 226 150 420 106 640H280C295 470 330 330 400 226Z'
  const doorPanel = 'M400 226C330 330 295 470 280 640H520C505 470 470 330 400 226Z'
  const open = [
    path('M400 320C365 420 346 530 340 640H480C472 530 446 420 400 320Z', inner),
    path('M400 320C365 420 346 530 340 640H300C306 520 340 400 400 320Z', tint(door, 0.3)),
    stroke('M306 560L338 566', shade(door, 0.3), 9),
    path('M340 640L352 618H470L480 640Z', shade(inner, 0.3)),
  ]
  const closed = [
    stroke('M400 300C452 400 484 520 492 632', shade(door, 0.35), 6),
    circle(486, 560, 9, cream),
    path('M372 380C358 430 352 470 350 500H450C444 460 430 420 416 380Z', tint(door, 0.5)),
    stroke('M400 380V500M352 470H446', door, 4),
  ]
  return picture(
    backdrop,
    floorShadow(400, 642, 330, 24),
    guyLine(190, 440, 60, 650),
    guyLine(610, 440, 740, 650),
    path(leftPanel, shade(flysheet, 0.12)),
    path(rightPanel, flysheet),
    path(doorPanel, door),
    path('M130 556C122 584 114 612 106 640H280L284 600C230 596 176 580 130 556Z', shade(flysheet, 0.28)),
    path('M670 556C678 584 686 612 694 640H520L516 600C570 596 624 580 670 556Z', shade(flysheet, 0.16)),
    doorStyle === 'open' ? open : closed,
    stroke('M280 640C295 470 330 330 400 226C470 330 505 470 520 640', tint(flysheet, 0.45), 8),
    path('M340 244Q400 196 460 244Q400 268 340 244Z', shade(flysheet, 0.35)),
    tuft(90, 690),
    tuft(700, 706),
    tuft(330, 720),
  )
}

function porchTent({ flysheet, porch, backdrop }) {
  return picture(
    backdrop,
    floorShadow(400, 644, 340, 24),
    guyLine(300, 320, 96, 650),
    guyLine(640, 470, 752, 650),
    path('M92 640C112 420 200 252 340 252C470 252 530 400 560 640Z', flysheet),
    path('M92 640C112 420 200 252 340 252C240 300 190 460 180 640Z', shade(flysheet, 0.16)),
    path('M340 252C450 270 620 380 708 640H470C466 480 430 330 340 252Z', porch),
    path('M340 252C430 330 466 480 470 640H400C410 480 390 330 340 252Z', shade(flysheet, 0.22)),
    path('M532 400C580 450 636 540 654 640H520C530 560 536 480 532 400Z', shade(flysheet, 0.66)),
    path('M532 400C536 480 530 560 520 640H488C506 560 520 480 532 400Z', tint(porch, 0.5)),
    path('M520 640L530 612H646L654 640Z', shade(flysheet, 0.5)),
    stroke('M496 566L526 570', flysheet, 9),
    stroke('M340 252C430 330 466 480 470 640', tint(flysheet, 0.5), 8),
    stroke('M340 252C240 300 190 460 180 640', tint(flysheet, 0.5), 8),
    path('M246 420C262 380 286 360 320 356C338 392 348 430 352 470H236C238 452 240 436 246 420Z', tint(flysheet, 0.62)),
    stroke('M292 362C288 400 288 440 290 470M240 430H344', flysheet, 4),
    path('M288 262Q340 222 396 266Q340 282 288 262Z', shade(flysheet, 0.4)),
    tuft(120, 700),
    tuft(640, 712),
  )
}

function geodesicTent({ flysheet, skirt, backdrop }) {
  const pole = (d) => stroke(d, shade(flysheet, 0.55), 9)
  return picture(
    backdrop,
    floorShadow(400, 648, 350, 24),
    guyLine(160, 440, 44, 656),
    guyLine(640, 440, 756, 656),
    path('M84 640C92 430 200 250 400 250S708 430 716 640Z', flysheet),
    path('M84 640C92 430 200 250 400 250C300 340 200 480 170 640Z', shade(flysheet, 0.14)),
    path('M400 250C600 250 708 430 716 640H630C600 480 500 340 400 250Z', tint(flysheet, 0.15)),
    path('M400 322C334 352 290 400 262 452C350 420 450 420 538 452C510 400 466 352 400 322Z', tint(flysheet, 0.34)),
    path('M262 452C350 420 450 420 538 452C572 510 590 570 596 640H204C210 570 228 510 262 452Z', tint(flysheet, 0.12)),
    path('M400 496C340 500 318 560 312 640H488C482 560 460 500 400 496Z', shade(flysheet, 0.66)),
    path('M400 496C360 520 352 580 350 640H312C318 560 340 500 400 496Z', skirt),
    pole('M204 640C220 480 320 318 548 282M596 640C580 480 480 318 252 282'),
    pole('M104 530C260 388 540 388 696 530'),
    pole('M296 640C300 440 500 440 504 640'),
    path('M84 640L70 662H290L300 640ZM716 640L730 662H510L500 640Z', skirt),
    stroke('M90 716H150M184 738H216M560 726H640', '#dbe6ee', 10),
  )
}

function tunnelTent({ flysheet, front, hoops = 2, canopy = false, backdrop }) {
  const hoopPaths = [
    'M400 352C470 366 506 470 512 640',
    'M500 364C566 380 598 480 604 640',
    'M450 358C516 374 550 474 556 640',
  ]
  const awning = canopy
    ? stroke('M64 470V646M226 336L64 462', steel, 8) +
      path('M226 328C150 344 96 400 56 466L100 482C136 420 180 380 240 368Z', tint(front, 0.2)) +
      path('M56 466L100 482L96 498L54 482Z', shade(front, 0.15))
    : ''
  return picture(
    backdrop,
    floorShadow(410, 646, 340, 24),
    guyLine(640, 420, 766, 650),
    canopy ? '' : guyLine(150, 420, 46, 650),
    path('M228 330L596 368C662 380 704 500 716 640H340Z', flysheet),
    path('M228 330L596 368C622 372 646 396 664 430C540 400 420 392 330 400Z', tint(flysheet, 0.25)),
    path('M352 560C470 572 600 574 704 560C710 586 714 612 716 640H346Z', shade(flysheet, 0.2)),
    hoopPaths.slice(0, hoops).map((d) => stroke(d, shade(flysheet, 0.38), 9)),
    canopy
      ? [
          path('M376 450L462 456L470 530H384Z', cream),
          stroke('M423 453L428 530M380 490L466 494', flysheet, 4),
          path('M528 456L572 460L586 530H534Z', cream),
        ]
      : path('M392 444L462 450L470 524H392Z', tint(flysheet, 0.62)),
    path('M100 640C100 430 146 328 228 328S356 430 356 640Z', front),
    path('M228 390C180 400 154 500 150 640H306C302 500 276 400 228 390Z', shade(front, 0.62)),
    path('M228 390C180 400 154 500 150 640H118C122 500 150 396 228 390Z', tint(front, 0.35)),
    path('M306 640C302 500 276 400 228 390C290 396 332 500 338 640Z', tint(front, 0.2)),
    path('M150 640L166 610H292L306 640Z', shade(front, 0.4)),
    stroke('M100 640C100 430 146 328 228 328S356 430 356 640', shade(flysheet, 0.38), 9),
    awning,
    tuft(140, 712),
    tuft(690, 708),
  )
}

function trekkingPoleTent({ flysheet, floor, backdrop }) {
  return picture(
    backdrop,
    floorShadow(400, 644, 330, 22),
    guyLine(360, 200, 200, 660),
    guyLine(360, 200, 756, 640),
    path('M360 196C330 380 210 560 84 634H700C560 560 420 400 360 196Z', flysheet),
    path('M360 196C330 380 210 560 84 634H300C340 500 366 340 360 196Z', shade(flysheet, 0.16)),
    path('M360 196C420 400 560 560 700 634H520C450 520 380 370 360 196Z', tint(flysheet, 0.22)),
    path('M364 330C350 440 326 550 300 634H452C414 540 380 430 364 330Z', shade(flysheet, 0.68)),
    path('M364 330C380 430 414 540 452 634H488C430 530 386 420 364 330Z', tint(flysheet, 0.5)),
    path('M308 608H441L452 634H300Z', floor),
    stroke('M360 196V632', charcoal, 8),
    stroke('M360 186V206', mustard, 14),
    stroke('M84 634H300M452 634H700', shade(flysheet, 0.4), 7),
    path('M318 300Q352 282 366 314L356 344Q330 330 318 300Z', shade(flysheet, 0.34)),
    tuft(120, 702),
    tuft(600, 716),
  )
}

function bellTent({ canvas, trim, backdrop }) {
  const scallops =
    'M112 500q24 34 48 0q24 34 48 0q24 34 48 0q24 34 48 0q24 34 48 0h96q24 34 48 0q24 34 48 0q24 34 48 0q24 34 48 0q24 34 48 0'
  return picture(
    backdrop,
    floorShadow(400, 662, 330, 24),
    guyLine(150, 490, 34, 668),
    guyLine(650, 490, 766, 668),
    path('M146 500H654V656H146Z', shade(canvas, 0.12)),
    path('M146 500H300V656H146Z', shade(canvas, 0.2)),
    path('M400 142C370 300 250 430 112 500H688C550 430 430 300 400 142Z', canvas),
    path('M400 142C370 300 250 430 112 500H270C340 420 390 290 400 142Z', shade(canvas, 0.1)),
    path('M400 142C410 290 460 420 530 500H688C550 430 430 300 400 142Z', tint(canvas, 0.4)),
    path(`${scallops}V494H112Z`, trim),
    path('M400 262L310 656H490Z', shade(trim, 0.55)),
    path('M400 262L310 656H264C330 520 380 400 400 262Z', tint(canvas, 0.35)),
    path('M400 262L490 656H536C470 520 420 400 400 262Z', tint(canvas, 0.15)),
    stroke('M330 566L286 560M470 566L514 560', trim, 9),
    path('M352 656L366 596H434L448 656Z', sand),
    stroke('M400 300V600', wood, 10),
    path('M384 168L400 118L416 168Q400 180 384 168Z', trim),
    circle(400, 116, 9, wood),
    path('M196 548h54v48h-54zM550 548h54v48h-54z', cream),
    stroke('M223 548v48M577 548v48', shade(canvas, 0.3), 4),
    tuft(110, 716),
    tuft(660, 730),
  )
}

function tipi({ canvas, band, stovePipe, backdrop }) {
  return picture(
    backdrop,
    floorShadow(400, 662, 300, 24),
    stroke('M400 210L356 110M400 210L446 104M400 210L404 96', wood, 10),
    stovePipe
      ? stroke('M520 420V196', charcoal, 20) +
          path('M504 196L520 176L536 196Z', charcoal) +
          stroke('M524 156c-16 -18 14 -28 0 -50c-12 -18 10 -30 4 -46', '#fff', 12, { opacity: 0.8 })
      : '',
    path('M386 176H414L672 656H128Z', canvas),
    path('M386 176L128 656H270L394 176Z', shade(canvas, 0.16)),
    path('M414 176L672 656H540L406 176Z', tint(canvas, 0.22)),
    path('M171 576H629L651 616H149Z', band),
    path('M171 576H294L283 616H149Z', shade(band, 0.18)),
    path('M337 268H463L477 294H323Z', band),
    path('M400 350C374 440 344 560 330 656H470C456 560 426 440 400 350Z', shade(canvas, 0.66)),
    path('M400 350C374 440 344 560 330 656H290C320 540 366 430 400 350Z', tint(canvas, 0.42)),
    stroke('M352 560L318 552', band, 9),
    stroke('M400 176V350', shade(canvas, 0.4), 5),
    stroke('M390 220H410M390 255H410M390 320H410', wood, 7),
    tuft(96, 700),
    tuft(690, 716),
  )
}

function tarp({ sheet, trim, backdrop }) {
  return picture(
    backdrop,
    floorShadow(400, 672, 300, 20),
    stroke('M196 300V676M596 300V676', wood, 13),
    guyLine(196, 300, 54, 680),
    guyLine(596, 300, 752, 680),
    path(
      'M196 292C330 330 460 330 596 292C620 360 664 420 720 462C540 440 280 440 90 470C140 420 174 360 196 292Z',
      sheet,
    ),
    path(
      'M196 292C330 330 460 330 596 292C600 318 606 336 612 350C470 384 320 384 178 352C186 330 192 312 196 292Z',
      tint(sheet, 0.25),
    ),
    path('M90 470C280 440 540 440 720 462L712 480C540 456 280 458 96 486Z', shade(sheet, 0.35)),
    stroke('M396 322V444', shade(sheet, 0.25), 6),
    stroke('M288 316C276 370 256 420 236 452M504 316C520 370 540 420 562 448', shade(sheet, 0.14), 4),
    circle(196, 296, 11, trim),
    circle(596, 296, 11, trim),
    circle(98, 474, 10, trim),
    circle(710, 468, 10, trim),
    guyLine(98, 478, 40, 600),
    guyLine(710, 470, 770, 600),
    path('M300 612h190v24H300z', trim),
    path('M300 636h190v12H300z', shade(trim)),
    stroke('M320 648v34M470 648v34', charcoal, 9),
    path('M352 570h50v42h-50z', cream),
    stroke('M402 580q22 0 20 14q-2 10 -20 10', cream, 8),
    tuft(130, 730),
    tuft(660, 730),
  )
}

function beachShelter({ canopy, stripe, backdrop }) {
  return picture(
    backdrop,
    path('M0 600C240 570 520 574 800 606V800H0Z', '#ecdcb8'),
    floorShadow(400, 654, 320, 22),
    path('M110 640C110 400 240 250 400 250S690 400 690 640Z', canopy),
    path('M400 250C352 330 300 480 286 640H190C200 470 270 310 400 250Z', stripe),
    path('M400 250C448 330 500 480 514 640H610C600 470 530 310 400 250Z', stripe),
    path('M400 330C280 340 196 460 176 640H624C604 460 520 340 400 330Z', shade(canopy, 0.6)),
    path('M400 372C340 380 300 470 290 640H510C500 470 460 380 400 372Z', shade(canopy, 0.5)),
    path('M176 640L250 570H550L624 640Z', shade(canopy, 0.32)),
    path('M176 640H624L680 706H120Z', tint(canopy, 0.35)),
    path('M176 640H624L636 654H164Z', shade(canopy, 0.1)),
    stroke('M110 640C110 400 240 250 400 250S690 400 690 640', tint(canopy, 0.5), 9),
    circle(560, 610, 44, cream),
    path(
      'M560 566a44 44 0 0 1 38 22L560 610ZM522 632a44 44 0 0 1 0 -44L560 610ZM598 632a44 44 0 0 1 -38 22L560 610Z',
      brick,
    ),
  )
}

const woods = (x, ...rest) => [
  spruce(x, 590, 230, shade(grass, 0.35)),
  spruce(x + 84, 598, 170, shade(grass, 0.26)),
  ...rest,
]

export const tents = {
  'TNT-0101': () => domeTent({ flysheet: forest, door: mustard, backdrop: [meadow(day, grass, 0), woods(70)] }),
  'TNT-0102': () => porchTent({ flysheet: rust, porch: tint(rust, 0.3), backdrop: [meadow(day, grass, 1)] }),
  'TNT-0103': () => geodesicTent({ flysheet: mustard, skirt: brick, backdrop: [meadow('#cfdfec', '#f3f7f9', 1)] }),
  'TNT-0104': () => tunnelTent({ flysheet: moss, front: forest, backdrop: [meadow(evening, grass, 2), woods(640)] }),
  'TNT-0105': () =>
    tunnelTent({ flysheet: sky, front: navy, hoops: 2, canopy: true, backdrop: [meadow(day, grass, 0)] }),
  'TNT-0106': () => trekkingPoleTent({ flysheet: teal, floor: brick, backdrop: [meadow(evening, '#c3cfa0', 1)] }),
  'TNT-0107': () =>
    bellTent({ canvas: '#f0e2c6', trim: brick, backdrop: [meadow(day, grass, 2), woods(40), mirror(woods(50))] }),
  'TNT-0108': () =>
    tipi({ canvas: sand, band: plum, stovePipe: true, backdrop: [meadow(evening, grass, 0), woods(90)] }),
  'TNT-0109': () =>
    tarp({
      sheet: tint(forest, 0.1),
      trim: rust,
      backdrop: [meadow(day, grass, 2), spruce(700, 590, 300, shade(grass, 0.3))],
    }),
  'TNT-0110': () => beachShelter({ canopy: teal, stripe: cream, backdrop: [meadow('#e0f0f6', '#9fcbd6', 0)] }),
}
