// Stoves, pots, mugs and what keeps food cold or hot.

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

const { forest, teal, sky, mustard, rust, brick, cream, charcoal, stone, steel, navy, white, wood, sand } = palette

const wall = '#fae9e0'

const flame = (x, y, height, outer = sky, core = tint(sky, 0.65)) =>
  path(
    `M${x} ${y}c-${height * 0.36} 0 -${height * 0.34} -${height * 0.5} 0 -${height}c${height * 0.34} ${height * 0.5} ${height * 0.36} ${height} 0 ${height}Z`,
    outer,
  ) +
  path(
    `M${x} ${y}c-${height * 0.2} 0 -${height * 0.18} -${height * 0.3} 0 -${height * 0.6}c${height * 0.18} ${height * 0.3} ${height * 0.2} ${height * 0.6} 0 ${height * 0.6}Z`,
    core,
  )

const steam = (x, y) => stroke(`M${x} ${y}c-18 -20 18 -36 0 -60s14 -34 2 -52`, white, 11, { opacity: 0.9 })

const cartridge = (colour, y = 470) => [
  path(`M276 ${y + 50}Q276 ${y} 400 ${y - 6}Q524 ${y} 524 ${y + 50}Z`, steel),
  path(`M430 ${y - 4}Q524 ${y + 4} 524 ${y + 50}H450Z`, shade(steel, 0.15)),
  path(`M268 ${y + 50}H532V${y + 186}Q532 ${y + 206} 512 ${y + 206}H288Q268 ${y + 206} 268 ${y + 186}Z`, colour),
  path(`M460 ${y + 50}H532V${y + 186}Q532 ${y + 206} 512 ${y + 206}H460Z`, shade(colour, 0.16)),
  box(268, y + 44, 264, 16, 6, shade(steel, 0.12)),
  box(268, y + 96, 264, 50, 0, cream),
  box(460, y + 96, 72, 50, 0, shade(cream, 0.1)),
  flame(400, y + 142, 40, rust, mustard),
]

function cartridgeStove({ gas, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 678, 180, 22),
    cartridge(gas),
    box(372, 410, 56, 62, 8, wood),
    box(384, 330, 32, 90, 6, stone),
    stroke('M416 424H510', stone, 9),
    path('M506 408h40v32h-40z', brick),
    path('M352 300H448L430 338H370Z', shade(stone, 0.3)),
    box(344, 280, 112, 26, 8, charcoal),
    range(5).map((index) => flame(352 + index * 24, 280, index % 2 ? 74 : 58)),
    stroke('M372 332L246 296L226 226H318M428 332L554 296L574 226H482', shade(steel, 0.2), 13),
    stroke('M250 226v-12M276 226v-12M302 226v-12M550 226v-12M524 226v-12M498 226v-12', shade(steel, 0.2), 7),
  )
}

function boilingSystem({ cosy, gas, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 712, 170, 20),
    move('translate(0 30)', cartridge(gas, 466)),
    steam(380, 120),
    path('M332 430H468L490 480H310Z', charcoal),
    box(346, 452, 108, 26, 8, mustard),
    stroke('M524 200C604 200 604 370 524 370', charcoal, 20),
    path('M286 150H514V410Q514 436 488 436H312Q286 436 286 410Z', cosy),
    path('M450 150H514V410Q514 436 488 436H450Z', shade(cosy, 0.16)),
    box(286, 380, 228, 56, 14, steel),
    stroke(
      'M310 392V428M340 392V428M370 392V428M400 392V428M430 392V428M460 392V428M490 392V428',
      shade(steel, 0.3),
      7,
    ),
    box(274, 128, 252, 30, 14, charcoal),
    path('M274 140L250 126L274 128Z', charcoal),
    stroke('M330 200V340', tint(cosy, 0.4), 9),
    path('M368 310L400 240L420 276L430 262L458 310Z', cream),
  )
}

function twoBurnerStove({ shell, figure }) {
  const burner = (x) => [
    ellipse(x, 478, 92, 24, shade(charcoal, 0.3)),
    ellipse(x, 474, 46, 12, stone),
    range(5).map((index) => flame(x - 40 + index * 20, 474, index % 2 ? 40 : 30)),
    stroke(`M${x - 96} 476L${x + 96} 476M${x - 62} 452L${x + 62} 500M${x + 62} 452L${x - 62} 500`, steel, 8),
  ]
  return picture(
    studio(wall, figure),
    floorShadow(400, 650, 320, 24),
    path('M140 210Q140 190 160 190H640Q660 190 660 210V440H140Z', shade(shell, 0.2)),
    path('M166 216H634V440H166Z', shade(shell, 0.42)),
    path('M140 230L84 300V450H140ZM660 230L716 300V450H660Z', shade(shell, 0.32)),
    stroke('M112 330V420M688 330V420', shade(shell, 0.55), 8),
    box(340, 168, 120, 26, 10, charcoal),
    path('M110 440H690L720 520H80Z', shade(steel, 0.06)),
    burner(258),
    burner(542),
    path('M80 520H720V620Q720 640 700 640H100Q80 640 80 620Z', shell),
    path('M80 520H720V544H80Z', tint(shell, 0.22)),
    path('M540 544H720V620Q720 640 700 640H540Z', shade(shell, 0.12)),
    [258, 542].map(
      (x) => circle(x, 590, 32, charcoal) + circle(x, 590, 22, cream) + stroke(`M${x} 590V572`, charcoal, 6),
    ),
    box(350, 572, 100, 36, 8, shade(shell, 0.4)),
  )
}

function potSet({ metal, handle, figure }) {
  const pot = (x, y, width, height, colour) => [
    path(
      `M${x} ${y}H${x + width}V${y + height - 40}Q${x + width} ${y + height} ${x + width - 40} ${y + height}H${x + 40}Q${x} ${y + height} ${x} ${y + height - 40}Z`,
      colour,
    ),
    path(
      `M${x + width * 0.7} ${y}H${x + width}V${y + height - 40}Q${x + width} ${y + height} ${x + width - 40} ${y + height}H${x + width * 0.7}Z`,
      shade(colour, 0.16),
    ),
    box(x + 28, y + 36, 14, height - 90, 7, tint(colour, 0.45)),
    box(x - 10, y - 12, width + 20, 24, 12, shade(colour, 0.1)),
  ]
  return picture(
    studio(wall, figure),
    floorShadow(410, 668, 310, 24),
    pot(130, 330, 330, 330, metal),
    path('M120 320Q140 258 295 254Q450 258 470 320Z', tint(metal, 0.2)),
    path('M340 256Q450 264 470 320H370Z', shade(metal, 0.06)),
    box(262, 214, 66, 44, 16, handle),
    stroke('M190 296H240', tint(metal, 0.6), 9),
    stroke('M118 420H72V520H118', handle, 20),
    pot(430, 480, 250, 184, tint(metal, 0.16)),
    stroke('M680 520H752', handle, 30),
    stroke('M664 520H690', stone, 14),
    ellipse(555, 480, 112, 5, shade(metal, 0.4)),
  )
}

function campKettle({ enamel, handle, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 650, 250, 22),
    steam(668, 250),
    path('M520 480C600 470 600 340 640 290L684 314C650 370 660 530 540 570Z', shade(enamel, 0.2)),
    stroke('M230 370C190 110 570 110 530 370', charcoal, 16),
    path('M300 172C350 142 410 142 460 172', 'none', { stroke: handle, 'stroke-width': 34, 'stroke-linecap': 'round' }),
    path('M180 520C180 400 260 330 380 330S580 400 580 520V590Q580 644 530 644H230Q180 644 180 590Z', enamel),
    path('M430 334C530 350 580 420 580 520V590Q580 644 530 644H470C500 540 490 420 430 334Z', shade(enamel, 0.16)),
    path('M180 596H580Q580 644 530 644H230Q180 644 180 596Z', shade(enamel, 0.34)),
    path('M286 352Q290 306 380 302Q470 306 474 352Q380 376 286 352Z', shade(enamel, 0.26)),
    circle(380, 288, 24, handle),
    stroke('M224 520C226 460 250 420 290 396', tint(enamel, 0.5), 13),
    circle(232, 372, 14, steel),
    circle(528, 372, 14, steel),
  )
}

function enamelMug({ enamel, rim, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(390, 652, 220, 22),
    steam(330, 216),
    steam(420, 200),
    stroke('M560 330C700 310 700 540 546 530', enamel, 34),
    stroke('M566 316C712 294 716 556 548 546', rim, 8),
    path('M200 250H570L552 610Q548 648 508 648H262Q222 648 218 610Z', enamel),
    path('M470 250H570L552 610Q548 648 508 648H460Z', shade(enamel, 0.14)),
    ellipse(385, 250, 185, 34, rim),
    ellipse(385, 250, 168, 25, shade(enamel, 0.34)),
    ellipse(385, 258, 146, 17, '#6b4630'),
    path('M276 530L360 390L404 456L434 416L500 530Z', cream),
    path('M360 390L332 437L356 452L374 434L392 440ZM434 416L418 437L434 448L452 446Z', rim),
    circle(464, 372, 24, mustard),
    stroke('M222 616H546', rim, 8),
    stroke('M240 320L250 470', tint(enamel, 0.4), 12),
  )
}

function fryingPan({ iron, handle, figure }) {
  return picture(
    studio(wall, figure),
    turn(
      -38,
      circle(316, 418, 222, palette.ink, { opacity: 0.12 }),
      box(500, 370, 270, 60, 30, handle),
      path('M500 400H770A30 30 0 0 1 740 430H500Z', shade(handle, 0.2)),
      circle(738, 400, 13, wall),
      box(490, 376, 76, 48, 10, stone),
      circle(540, 400, 8, charcoal),
      circle(310, 400, 222, iron),
      circle(310, 400, 192, shade(iron, 0.32)),
      circle(310, 400, 178, shade(iron, 0.22)),
      path(
        'M204 400C186 320 260 290 310 300C370 262 440 330 420 390C452 440 400 500 340 484C290 522 210 490 216 440Z',
        white,
      ),
      circle(316, 390, 52, mustard),
      path('M290 372C296 352 314 346 328 350', 'none', {
        stroke: tint(mustard, 0.6),
        'stroke-width': 10,
        'stroke-linecap': 'round',
      }),
      stroke('M238 424l4 4M386 440l3 4M300 462l4 2M380 334l3 3', shade(stone, 0.2), 7),
      stroke('M116 400A194 194 0 0 1 190 246', tint(iron, 0.4), 10),
    ),
  )
}

function cutlerySet({ metal, clip, figure }) {
  const handle = (x) =>
    path(`M${x - 16} 400L${x - 22} 660Q${x} 690 ${x + 22} 660L${x + 16} 400Z`, metal) +
    path(`M${x} 400H${x + 16}L${x + 22} 660Q${x + 12} 675 ${x} 675Z`, shade(metal, 0.16)) +
    circle(x, 646, 9, wall)
  return picture(
    studio(wall, figure),
    move(
      'rotate(-19 400 680)',
      handle(400),
      path('M352 130V260Q352 320 384 340V410H416V340Q448 320 448 260V130H428V250H412V130H388V250H372V130Z', metal),
    ),
    move(
      'rotate(19 400 680)',
      handle(400),
      path('M372 410C366 260 370 160 420 120C436 200 432 320 428 410Z', metal),
      path('M402 410C402 260 404 180 420 120C436 200 432 320 428 410Z', shade(metal, 0.16)),
    ),
    handle(400),
    ellipse(400, 230, 66, 104, metal),
    ellipse(400, 222, 50, 84, shade(metal, 0.16)),
    path('M376 310H424L416 420H384Z', metal),
    stroke('M372 190C376 168 388 156 400 154', tint(metal, 0.7), 9),
    path('M400 646C350 646 350 742 400 742S450 646 400 646Z', 'none', { stroke: clip, 'stroke-width': 14 }),
    stroke('M436 676V712', shade(clip, 0.4), 10),
  )
}

function mokaPot({ metal, handle, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(390, 690, 200, 20),
    steam(250, 190),
    path('M500 270H640Q668 270 660 300L624 430Q616 446 600 440L590 430L616 330H500Z', handle),
    path('M270 250L214 226L262 330Z', shade(metal, 0.12)),
    path('M262 236H518L486 430H294Z', metal),
    path('M262 236H330L346 430H294Z', tint(metal, 0.35)),
    path('M450 236H518L486 430H434Z', shade(metal, 0.22)),
    path('M256 240Q270 180 390 172Q510 180 524 240Z', shade(metal, 0.1)),
    path('M390 172Q510 180 524 240H430Z', shade(metal, 0.24)),
    box(366, 126, 48, 52, 16, handle),
    box(276, 424, 228, 44, 12, shade(metal, 0.34)),
    stroke('M320 432v28M360 432v28M420 432v28M460 432v28', shade(metal, 0.5), 5),
    path('M286 468H494L546 660Q548 686 520 686H260Q232 686 234 660Z', metal),
    path('M286 468H342L326 686H260Q232 686 234 660Z', tint(metal, 0.35)),
    path('M438 468H494L546 660Q548 686 520 686H454Z', shade(metal, 0.22)),
    circle(390, 540, 15, wood),
    circle(390, 540, 7, charcoal),
  )
}

function coolBox({ shell, lid, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 652, 300, 24),
    stroke('M150 330V210Q150 176 184 176H616Q650 176 650 210V330', stone, 24),
    path('M128 360H672L650 620Q648 646 622 646H178Q152 646 150 620Z', shell),
    path('M520 360H672L650 620Q648 646 622 646H520Z', shade(shell, 0.12)),
    box(190, 430, 420, 150, 24, shade(shell, 0.12)),
    path('M346 560V460M303 485L389 535M303 535L389 485', 'none', {
      stroke: cream,
      'stroke-width': 14,
      'stroke-linecap': 'round',
    }),
    stroke('M430 480H560M430 530H520', tint(shell, 0.4), 14),
    path('M112 290Q112 262 140 262H660Q688 262 688 290V350Q688 372 666 372H134Q112 372 112 350Z', lid),
    box(112, 346, 576, 28, 12, shade(lid, 0.16)),
    stroke('M150 290H560', tint(lid, 0.6), 12),
    box(352, 336, 96, 64, 14, shade(shell, 0.42)),
    box(372, 352, 56, 14, 7, stone),
    box(130, 306, 40, 70, 12, shade(shell, 0.42)),
    box(630, 306, 40, 70, 12, shade(shell, 0.42)),
  )
}

function vacuumFlask({ body, cup, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(420, 700, 220, 22),
    box(290, 214, 184, 484, 44, body),
    path('M410 214H430A44 44 0 0 1 474 258V654A44 44 0 0 1 430 698H410Z', shade(body, 0.18)),
    box(316, 270, 18, 330, 9, tint(body, 0.4)),
    box(298, 200, 168, 44, 10, steel),
    box(318, 170, 128, 40, 10, charcoal),
    box(340, 116, 84, 60, 18, charcoal),
    circle(382, 140, 9, brick),
    box(290, 630, 184, 20, 0, steel),
    stroke('M474 330C556 330 556 520 474 520', charcoal, 22),
    path('M520 540H690L676 670Q672 698 644 698H566Q538 698 534 670Z', cup),
    path('M640 540H690L676 670Q672 698 644 698H628Z', shade(cup, 0.16)),
    ellipse(605, 540, 85, 17, shade(cup, 0.25)),
    ellipse(605, 544, 68, 11, '#8a5a34'),
    steam(600, 500),
  )
}

export const cooking = {
  'COK-0501': () => cartridgeStove({ gas: teal, figure: 0 }),
  'COK-0502': () => boilingSystem({ cosy: rust, gas: navy, figure: 2 }),
  'COK-0503': () => twoBurnerStove({ shell: forest, figure: 1 }),
  'COK-0504': () => potSet({ metal: stone, handle: rust, figure: 3 }),
  'COK-0505': () => campKettle({ enamel: sky, handle: wood, figure: 0 }),
  'COK-0506': () => enamelMug({ enamel: forest, rim: navy, figure: 1 }),
  'COK-0507': () => fryingPan({ iron: charcoal, handle: wood, figure: 0 }),
  'COK-0508': () => cutlerySet({ metal: steel, clip: brick, figure: 2 }),
  'COK-0509': () => mokaPot({ metal: steel, handle: charcoal, figure: 3 }),
  'COK-0510': () => coolBox({ shell: navy, lid: cream, figure: 0 }),
  'COK-0511': () => vacuumFlask({ body: brick, cup: sand, figure: 1 }),
}
