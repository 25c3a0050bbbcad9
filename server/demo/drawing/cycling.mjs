// What goes with a bicycle: helmets, locks, pumps, bags and parts.

import {
  box,
  circle,
  floorShadow,
  onCircle,
  palette,
  path,
  picture,
  range,
  ring,
  shade,
  stroke,
  studio,
  tint,
  turn,
} from './canvas.mjs'

const { forest, teal, sky, mustard, rust, brick, cream, charcoal, stone, steel, navy, wood, sand, white, plum } =
  palette

const wall = '#e8eef0'

function roadHelmet({ shell, inner, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 640, 260, 22),
    stroke('M250 470C280 560 340 620 390 640M520 480C500 560 440 620 390 640M390 640V668', charcoal, 13),
    box(370, 628, 42, 34, 8, charcoal),
    box(380, 638, 22, 14, 3, mustard),
    path(
      'M140 470C120 290 260 170 430 176C600 182 690 310 676 440C672 470 640 476 600 470C500 456 400 500 300 500C220 504 144 510 140 470Z',
      shell,
    ),
    path(
      'M140 470C136 436 140 404 150 374C260 452 480 430 674 408C677 420 677 430 676 440C672 470 640 476 600 470C500 456 400 500 300 500C220 504 144 510 140 470Z',
      shade(shell, 0.24),
    ),
    path('M196 376C220 300 270 250 330 232C296 276 270 330 264 400C240 398 214 390 196 376Z', inner),
    path('M312 408C316 330 344 262 394 222C426 224 440 226 446 230C410 280 396 340 396 408Z', inner),
    path('M444 406C444 344 460 286 488 240C530 254 556 276 572 300C548 330 536 360 534 398Z', inner),
    path('M578 390C584 362 594 340 606 328C632 356 644 380 646 396C624 398 600 396 578 390Z', inner),
    stroke('M176 440C300 486 480 452 650 436', tint(shell, 0.45), 8),
    path('M600 470C640 480 690 470 706 450L676 420Z', charcoal),
  )
}

function urbanHelmet({ shell, dots, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 640, 240, 22),
    stroke('M240 470C270 570 340 620 396 640M556 470C530 560 460 620 396 640', charcoal, 14),
    box(372, 622, 48, 40, 9, brick),
    path(
      'M150 460C130 260 250 150 400 150S670 260 650 460C648 492 620 498 590 490C470 462 330 462 210 490C180 498 152 492 150 460Z',
      shell,
    ),
    path(
      'M460 156C590 178 664 290 650 460C648 492 620 498 590 490C550 480 520 474 490 472C530 360 520 240 460 156Z',
      shade(shell, 0.13),
    ),
    box(260, 210, 40, 96, 20, shade(shell, 0.5), { transform: 'rotate(16 280 258)' }),
    box(380, 186, 40, 104, 20, shade(shell, 0.5)),
    box(500, 210, 40, 96, 20, shade(shell, 0.5), { transform: 'rotate(-16 520 258)' }),
    [
      [220, 370, 24],
      [310, 360, 17],
      [360, 420, 25],
      [460, 370, 27],
      [540, 420, 17],
      [590, 350, 23],
      [250, 440, 14],
      [424, 328, 12],
    ].map(([x, y, r], index) => circle(x, y, r, dots[index % dots.length])),
    stroke('M152 450C180 490 200 470 240 462C340 442 460 442 560 462C600 470 620 490 648 450', shade(shell, 0.34), 13),
  )
}

function shackleLock({ body, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 676, 220, 22),
    stroke('M268 520V276C268 100 532 100 532 276V520', charcoal, 60),
    stroke('M256 500V276C256 170 330 128 400 128', tint(charcoal, 0.32), 10),
    box(250, 452, 36, 60, 0, steel),
    box(514, 452, 36, 60, 0, steel),
    box(186, 500, 428, 164, 50, shade(body, 0.3)),
    box(186, 490, 428, 160, 50, body),
    path('M500 490H564A50 50 0 0 1 614 540V600A50 50 0 0 1 564 650H500Z', shade(body, 0.14)),
    circle(400, 570, 48, charcoal),
    circle(400, 570, 34, steel),
    circle(400, 562, 11, charcoal),
    path('M394 566H406L412 594H388Z', charcoal),
    stroke('M226 530H310', tint(body, 0.4), 11),
  )
}

function floorPump({ barrel, accent, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(390, 700, 190, 20),
    stroke('M404 610C540 620 600 540 574 420C556 330 520 300 524 220', charcoal, 15),
    path('M504 170H546V240H504Z', accent),
    box(496, 156, 58, 26, 10, charcoal),
    box(230, 112, 330, 44, 22, wood),
    path('M230 134H560A22 22 0 0 1 538 156H252A22 22 0 0 1 230 134Z', shade(wood, 0.2)),
    box(362, 106, 64, 58, 12, charcoal),
    box(382, 160, 24, 130, 0, steel),
    box(344, 280, 100, 36, 12, charcoal),
    box(352, 312, 84, 290, 10, barrel),
    box(408, 312, 28, 290, 0, shade(barrel, 0.2)),
    box(366, 330, 11, 170, 5, tint(barrel, 0.5)),
    circle(394, 590, 64, charcoal),
    circle(394, 590, 52, cream),
    range(7).map((index) =>
      stroke(`M${onCircle(394, 590, 38, 150 + index * 40)}L${onCircle(394, 590, 46, 150 + index * 40)}`, charcoal, 5),
    ),
    stroke('M394 590L420 562', accent, 7),
    circle(394, 590, 8, charcoal),
    path('M240 700Q240 660 300 656H488Q548 660 548 700Z', charcoal),
    box(250, 676, 70, 24, 8, accent),
    box(468, 676, 70, 24, 8, accent),
  )
}

function pannier({ fabric, accent, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 684, 230, 20),
    box(110, 176, 580, 26, 13, shade(stone, 0.35)),
    stroke('M280 200V160M520 200V160', charcoal, 22),
    stroke('M340 214C340 130 460 130 460 214', charcoal, 14),
    path('M226 300H574L600 630Q602 680 552 680H248Q198 680 200 630Z', fabric),
    path('M500 300H574L600 630Q602 680 552 680H500Z', shade(fabric, 0.14)),
    path('M236 214H564L580 300Q584 360 540 360H260Q216 360 220 300Z', shade(fabric, 0.26)),
    stroke('M236 254H564M228 296H572', shade(fabric, 0.44), 6),
    stroke('M300 220V470M500 220V470', charcoal, 20),
    box(282, 400, 36, 54, 7, stone),
    box(482, 400, 36, 54, 7, stone),
    path('M400 470L468 590H332Z', accent),
    path('M400 508L438 576H362Z', fabric),
    stroke('M214 640H586', tint(fabric, 0.5), 12),
  )
}

function handlebarBag({ fabric, accent, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 640, 240, 22),
    box(60, 212, 680, 44, 22, charcoal),
    box(60, 212, 680, 16, 8, tint(charcoal, 0.25)),
    box(60, 206, 110, 56, 22, wood),
    box(630, 206, 110, 56, 22, wood),
    box(286, 196, 54, 130, 12, shade(charcoal, 0.3)),
    box(460, 196, 54, 130, 12, shade(charcoal, 0.3)),
    path('M170 340Q170 300 210 300H590Q630 300 630 340L610 580Q606 640 550 640H250Q194 640 190 580Z', fabric),
    path('M520 300H590Q630 300 630 340L610 580Q606 640 550 640H520Z', shade(fabric, 0.13)),
    path('M158 330Q158 284 204 284H596Q642 284 642 330V400Q642 426 616 426H184Q158 426 158 400Z', accent),
    path('M530 284H596Q642 284 642 330V400Q642 426 616 426H530Z', shade(accent, 0.14)),
    box(224, 304, 300, 90, 14, tint(accent, 0.55)),
    path('M240 374L300 330L350 366L400 326L470 384H240Z', tint(accent, 0.25)),
    stroke('M264 392C320 350 380 400 506 340', brick, 5, { 'stroke-dasharray': '14 12' }),
    box(372, 406, 56, 60, 10, charcoal),
    box(386, 430, 28, 20, 4, stone),
    box(250, 490, 300, 100, 16, shade(fabric, 0.2)),
    stroke('M270 514H530', accent, 8),
  )
}

function brassBell({ dome, figure }) {
  return picture(
    studio(wall, figure),
    box(60, 560, 680, 80, 40, charcoal),
    box(60, 560, 680, 28, 14, tint(charcoal, 0.25)),
    box(326, 530, 148, 136, 26, shade(stone, 0.3)),
    box(340, 470, 120, 80, 10, shade(stone, 0.45)),
    circle(400, 640, 11, steel),
    stroke('M520 470C600 480 640 450 660 400', shade(stone, 0.4), 26),
    circle(662, 392, 25, charcoal),
    path('M170 450C170 280 270 190 400 190S630 280 630 450Z', dome),
    path('M450 194C556 214 630 300 630 450H520C530 350 510 260 450 194Z', shade(dome, 0.18)),
    box(150, 440, 500, 44, 22, shade(dome, 0.3)),
    path('M236 390C244 310 290 256 350 240', 'none', {
      stroke: tint(dome, 0.65),
      'stroke-width': 20,
      'stroke-linecap': 'round',
    }),
    circle(400, 186, 22, shade(dome, 0.35)),
    stroke('M300 110L280 70M400 100V50M500 110L520 70', mustard, 14),
  )
}

function touringSaddle({ leather, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 660, 200, 20),
    box(346, 470, 56, 190, 8, charcoal),
    box(360, 470, 12, 190, 0, tint(charcoal, 0.3)),
    box(324, 440, 100, 54, 14, stone),
    circle(374, 467, 12, charcoal),
    stroke('M190 400C260 440 300 448 380 448S560 430 650 372M200 370C260 420 560 420 640 350', shade(stone, 0.1), 14),
    stroke('M180 410q20 30 0 50q-20 -20 0 -50M250 424q18 26 0 46q-18 -20 0 -46', charcoal, 9),
    path(
      'M110 330C90 270 150 230 220 246C320 270 420 300 560 296C640 294 720 310 716 346C712 376 640 372 560 362C480 356 420 372 360 398C300 424 240 430 190 420C140 408 120 370 110 330Z',
      leather,
    ),
    path(
      'M112 336C170 396 300 376 390 346C480 320 600 330 714 352C704 376 640 372 560 362C480 356 420 372 360 398C300 424 240 430 190 420C140 408 122 380 112 336Z',
      shade(leather, 0.24),
    ),
    stroke('M150 274C240 280 320 320 430 320', tint(leather, 0.35), 9),
    [
      [150, 340],
      [196, 372],
      [250, 380],
    ].map(([x, y]) => circle(x, y, 9, sand)),
    circle(690, 338, 8, sand),
  )
}

function drinkingBottle({ bottle, cap, cage, figure }) {
  return picture(
    studio(wall, figure),
    turn(
      12,
      path('M300 270H500V640Q500 690 450 690H350Q300 690 300 640Z', palette.ink, {
        opacity: 0.1,
        transform: 'translate(22 12)',
      }),
      path(
        'M300 300Q300 250 340 240H460Q500 250 500 300V390Q484 410 500 430V640Q500 690 450 690H350Q300 690 300 640V430Q316 410 300 390Z',
        bottle,
      ),
      path('M440 240H460Q500 250 500 300V390Q484 410 500 430V640Q500 690 450 690H440Z', shade(bottle, 0.14)),
      box(322, 280, 18, 100, 9, tint(bottle, 0.6)),
      path('M320 200Q320 180 340 180H460Q480 180 480 200V250H320Z', cap),
      stroke('M344 196V242M372 196V242M400 196V242M428 196V242M456 196V242', shade(cap, 0.3), 6),
      path('M360 180L372 120H428L440 180Z', shade(cap, 0.2)),
      box(376, 92, 48, 44, 14, cream),
      path('M400 440C430 480 446 500 446 526A46 46 0 0 1 354 526C354 500 370 480 400 440Z', tint(bottle, 0.65)),
    ),
    turn(
      12,
      stroke('M286 470H514M286 470C276 600 300 706 330 710H470C500 706 524 600 514 470', cage, 15),
      stroke('M286 560C340 600 460 600 514 560', cage, 15),
    ),
  )
}

function childTrailer({ fabric, accent, figure }) {
  const wheelAt = (x) =>
    circle(x, 566, 104, charcoal) +
    circle(x, 566, 84, shade(wall, 0.1)) +
    stroke(
      range(14)
        .map((index) => `M${x} 566L${onCircle(x, 566, 80, index * 26)}`)
        .join(''),
      stone,
      3,
    ) +
    ring(x, 566, 82, steel, 8) +
    circle(x, 566, 16, charcoal)
  return picture(
    studio(wall, figure),
    floorShadow(400, 670, 310, 20),
    stroke('M560 590C660 600 700 580 756 500', shade(stone, 0.3), 17),
    stroke('M180 300L112 240H84', shade(stone, 0.3), 15),
    stroke('M108 240H70', charcoal, 20),
    path('M150 600C130 420 170 230 290 214H470C560 226 620 430 640 600Z', fabric),
    path('M470 214C560 226 620 430 640 600H560C550 440 530 280 470 214Z', shade(fabric, 0.2)),
    path('M236 420C240 330 264 272 306 266H440C480 280 500 350 508 420Z', '#cfe3ea'),
    path('M300 420L350 266H392L342 420Z', white, { opacity: 0.5 }),
    circle(330, 366, 32, '#e9bd97'),
    path('M296 362C296 310 364 310 364 362Q330 340 296 362Z', brick),
    path('M290 420C294 396 312 392 330 392S368 398 372 420Z', mustard),
    path('M146 440H612L640 600H150Q146 520 146 440Z', shade(fabric, 0.14)),
    path('M144 450H614L620 484H144Z', accent),
    path('M200 214H480L490 240H236Z', accent),
    stroke('M150 604H640', charcoal, 15),
    stroke('M150 470V170', stone, 5),
    path('M152 170L232 196L152 224Z', mustard),
    box(150, 510, 46, 18, 6, tint(brick, 0.2)),
    wheelAt(370),
  )
}

function tyre({ wallColour, figure }) {
  return picture(
    studio(wall, figure),
    ring(416, 416, 236, palette.ink, 84, { opacity: 0.1 }),
    ring(400, 400, 268, charcoal, 22, { 'stroke-dasharray': '20 13' }),
    ring(400, 400, 232, charcoal, 78),
    ring(400, 400, 212, wallColour, 30),
    ring(400, 400, 196, shade(wallColour, 0.4), 7),
    ring(400, 400, 254, tint(charcoal, 0.2), 8, { 'stroke-dasharray': '44 14' }),
    stroke(`M${onCircle(400, 400, 236, 200)}A236 236 0 0 1 ${onCircle(400, 400, 236, 250)}`, tint(charcoal, 0.45), 9),
  )
}

export const cycling = {
  'CYC-0701': () => roadHelmet({ shell: brick, inner: charcoal, figure: 0 }),
  'CYC-0702': () => urbanHelmet({ shell: sky, dots: [cream, mustard, navy], figure: 1 }),
  'CYC-0703': () => shackleLock({ body: mustard, figure: 2 }),
  'CYC-0704': () => floorPump({ barrel: teal, accent: rust, figure: 3 }),
  'CYC-0705': () => pannier({ fabric: forest, accent: mustard, figure: 0 }),
  'CYC-0706': () => handlebarBag({ fabric: navy, accent: tint(plum, 0.1), figure: 1 }),
  'CYC-0707': () => brassBell({ dome: mustard, figure: 0 }),
  'CYC-0708': () => touringSaddle({ leather: wood, figure: 3 }),
  'CYC-0709': () => drinkingBottle({ bottle: tint(teal, 0.15), cap: charcoal, cage: rust, figure: 2 }),
  'CYC-0710': () => childTrailer({ fabric: rust, accent: navy, figure: 1 }),
  'CYC-0711': () => tyre({ wallColour: sand, figure: 3 }),
}
