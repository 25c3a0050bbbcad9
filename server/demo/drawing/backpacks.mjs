// Backpacks and bags to carry.

import {
  box,
  circle,
  ellipse,
  floorShadow,
  palette,
  path,
  picture,
  ring,
  shade,
  stroke,
  studio,
  tint,
} from './canvas.mjs'

const { forest, teal, sky, mustard, rust, brick, cream, charcoal, stone, steel, plum, navy, white, sand } = palette

const wall = '#f8eee0'

const buckle = (x, y, width = 34) =>
  box(x - width / 2, y - 13, width, 26, 6, charcoal) + box(x - width / 2 + 7, y - 6, width - 14, 12, 3, stone)

function trekkingPack({ fabric, accent, top = 150, pocket = 'zip', mat, axe, figure }) {
  const bodyTop = top + 76
  const front = {
    zip: [
      path(
        'M306 410C306 380 326 366 400 366S494 380 494 410V520Q494 540 474 540H326Q306 540 306 520Z',
        shade(fabric, 0.14),
      ),
      stroke('M326 412Q400 388 474 412', accent, 7),
      box(462, 408, 10, 34, 5, accent),
    ],
    stretch: [
      path('M300 400Q400 440 500 400V530Q500 552 478 552H322Q300 552 300 530Z', shade(fabric, 0.4)),
      stroke('M300 400Q400 440 500 400', accent, 8),
      stroke(
        'M330 440L380 540M380 446L430 544M430 446L474 536M470 440L420 544M420 446L370 544M370 446L326 536',
        shade(fabric, 0.5),
        4,
      ),
    ],
    twin: [
      box(296, 390, 98, 156, 20, shade(fabric, 0.16)),
      box(406, 390, 98, 156, 20, shade(fabric, 0.22)),
      stroke('M312 418H378M422 418H488', accent, 7),
    ],
  }
  return picture(
    studio(wall, figure),
    floorShadow(400, 700, 220, 22),
    stroke(
      `M300 ${top + 60}C250 ${top + 30} 236 ${top + 130} 240 400M500 ${top + 60}C550 ${top + 30} 564 ${top + 130} 560 400`,
      shade(fabric, 0.5),
      30,
    ),
    stroke(`M360 ${top + 6}C360 ${top - 44} 440 ${top - 44} 440 ${top + 6}`, charcoal, 14),
    path(
      'M262 560C200 540 160 570 142 620L190 640C204 610 230 600 270 610ZM538 560C600 540 640 570 658 620L610 640C596 610 570 600 530 610Z',
      shade(fabric, 0.42),
    ),
    stroke('M150 628L120 672M650 628L680 672', charcoal, 11),
    axe
      ? stroke(`M574 ${top - 10}L566 620`, sand, 14) +
          path(`M520 ${top - 2}Q570 ${top - 46} 650 ${top + 8}Q590 ${top - 10} 524 ${top + 12}Z`, shade(steel, 0.2))
      : '',
    path(
      'M222 470Q214 440 238 440H290V620H250Q228 620 226 590ZM578 470Q586 440 562 440H510V620H550Q572 620 574 590Z',
      shade(fabric, 0.3),
    ),
    stroke('M224 452H290M576 452H510', accent, 8),
    path(
      `M256 ${bodyTop + 40}Q258 ${bodyTop} 300 ${bodyTop}H500Q542 ${bodyTop} 544 ${bodyTop + 40}L552 640Q552 690 506 690H294Q248 690 248 640Z`,
      fabric,
    ),
    path(`M460 ${bodyTop}H500Q542 ${bodyTop} 544 ${bodyTop + 40}L552 640Q552 690 506 690H470Z`, shade(fabric, 0.12)),
    path('M250 596H550L552 640Q552 690 506 690H294Q248 690 248 640Z', shade(fabric, 0.28)),
    stroke('M276 612Q400 630 524 612', accent, 6),
    front[pocket],
    stroke(`M252 ${bodyTop + 120}H300M548 ${bodyTop + 120}H500M250 566H300M550 566H500`, charcoal, 9),
    path(
      `M246 ${bodyTop + 30}Q240 ${top} 300 ${top}H500Q560 ${top} 554 ${bodyTop + 30}Q552 ${bodyTop + 54} 520 ${bodyTop + 54}H280Q248 ${bodyTop + 54} 246 ${bodyTop + 30}Z`,
      accent,
    ),
    path(
      `M470 ${top}H500Q560 ${top} 554 ${bodyTop + 30}Q552 ${bodyTop + 54} 520 ${bodyTop + 54}H486Z`,
      shade(accent, 0.14),
    ),
    stroke(`M290 ${top + 42}Q400 ${top + 26} 510 ${top + 42}`, shade(accent, 0.34), 6),
    stroke(`M344 ${bodyTop + 54}V368M456 ${bodyTop + 54}V368`, charcoal, 11),
    buckle(344, bodyTop + 88),
    buckle(456, bodyTop + 88),
    mat
      ? box(216, 640, 368, 78, 39, mat) +
          ellipse(552, 679, 30, 37, shade(mat, 0.3)) +
          ring(552, 679, 15, mat, 6) +
          stroke('M318 634V724M470 634V724', charcoal, 13)
      : '',
  )
}

function dayPack({ fabric, accent, bottle, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 690, 200, 22),
    stroke('M358 158C358 96 442 96 442 158', shade(fabric, 0.5), 16),
    stroke('M290 220C238 260 232 400 240 560M510 220C562 260 568 400 560 560', shade(fabric, 0.5), 28),
    bottle
      ? box(548, 400, 62, 190, 22, bottle) +
          box(560, 366, 38, 40, 8, charcoal) +
          box(556, 430, 10, 90, 5, tint(bottle, 0.5))
      : '',
    path('M250 300C250 190 316 148 400 148S550 190 550 300V620Q550 680 490 680H310Q250 680 250 620Z', fabric),
    path('M456 156C514 176 550 220 550 300V620Q550 680 490 680H456Z', shade(fabric, 0.12)),
    stroke('M276 452V310C276 214 330 180 400 180S524 214 524 310V452', shade(fabric, 0.36), 7),
    box(518, 440, 13, 40, 6, accent),
    path('M290 466H510V600Q510 640 470 640H330Q290 640 290 600Z', shade(fabric, 0.2)),
    path('M284 440H516V484Q516 500 500 500H300Q284 500 284 484Z', accent),
    stroke('M300 484H500', shade(accent, 0.3), 5),
    box(390, 486, 20, 50, 6, charcoal),
    path('M230 520H276V650Q238 640 234 600ZM570 520H524V650Q562 640 566 600Z', shade(fabric, 0.4)),
    stroke('M230 522H278M570 522H522', accent, 8),
    box(352, 240, 96, 72, 10, shade(fabric, 0.2)),
    path('M366 296L392 258L408 280L416 270L434 296Z', cream),
    stroke('M400 330V420', shade(fabric, 0.34), 14),
    stroke('M391 352H409M391 378H409M391 404H409', accent, 5),
  )
}

function rollTopPack({ fabric, accent, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 694, 200, 22),
    stroke('M280 260C226 300 226 430 238 580M520 260C574 300 574 430 562 580', shade(fabric, 0.5), 28),
    path('M256 240H544L556 640Q556 684 512 684H288Q244 684 244 640Z', fabric),
    path('M450 240H544L556 640Q556 684 512 684H450Z', shade(fabric, 0.13)),
    path('M238 168Q238 136 270 136H530Q562 136 562 168V226Q562 256 530 256H270Q238 256 238 226Z', shade(fabric, 0.22)),
    stroke('M244 176H556M244 214H556', shade(fabric, 0.4), 6),
    stroke('M400 132V420', charcoal, 20),
    box(382, 330, 36, 58, 6, mustard),
    box(390, 344, 20, 30, 3, shade(mustard, 0.35)),
    path('M246 560H554L556 640Q556 684 512 684H288Q244 684 244 640Z', accent),
    path('M450 560H554L556 640Q556 684 512 684H450Z', shade(accent, 0.16)),
    box(290, 420, 220, 116, 12, shade(fabric, 0.18)),
    stroke('M306 446H494', accent, 8),
    stroke('M330 612H470', tint(accent, 0.5), 14),
    circle(266, 300, 8, accent),
    circle(534, 300, 8, accent),
  )
}

function duffel({ fabric, accent, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 636, 310, 24),
    stroke('M280 340C280 170 520 170 520 340', shade(charcoal, 0.2), 20),
    path('M176 300H624Q700 300 700 380V560Q700 622 624 622H176Q100 622 100 560V380Q100 300 176 300Z', fabric),
    path('M100 500H700V560Q700 622 624 622H176Q100 622 100 560Z', shade(fabric, 0.16)),
    path(
      'M100 380Q100 300 176 300H214Q160 320 160 400V530Q160 606 214 622H176Q100 622 100 560ZM700 380Q700 300 624 300H586Q640 320 640 400V530Q640 606 586 622H624Q700 622 700 560Z',
      accent,
    ),
    stroke('M196 348Q400 324 604 348', shade(fabric, 0.45), 10),
    box(570, 336, 44, 18, 8, accent),
    stroke('M270 622V410C270 250 530 250 530 410V622', charcoal, 24),
    box(356, 268, 88, 40, 14, accent),
    stroke('M400 270v36', shade(accent, 0.3), 5),
    box(316, 424, 168, 120, 14, shade(fabric, 0.28)),
    stroke('M332 450H468', accent, 7),
    stroke('M258 500H282M258 560H282M518 500H542M518 560H542', accent, 7),
    stroke('M116 440V500M684 440V500', shade(accent, 0.3), 9),
  )
}

function hipPack({ fabric, accent, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 600, 230, 20),
    stroke('M180 420C90 380 110 200 400 200S710 380 620 420', charcoal, 32),
    stroke('M180 420C90 380 110 200 400 200S710 380 620 420', shade(stone, 0.2), 5),
    box(356, 176, 88, 48, 12, shade(charcoal, 0.4)),
    box(372, 188, 56, 24, 6, stone),
    path('M150 400C180 360 240 350 260 350H540C560 350 620 360 650 400L610 470H190Z', shade(fabric, 0.4)),
    path('M210 380Q214 340 256 340H544Q586 340 590 380L606 500Q606 586 520 586H280Q194 586 194 500Z', fabric),
    path('M480 340H544Q586 340 590 380L606 500Q606 586 520 586H480Z', shade(fabric, 0.13)),
    stroke('M226 390Q400 360 574 390', accent, 9),
    box(540, 384, 12, 44, 6, accent),
    path('M236 446Q400 424 564 446L560 500Q550 552 500 552H300Q250 552 240 500Z', shade(fabric, 0.22)),
    stroke('M252 466Q400 446 548 466', shade(fabric, 0.5), 7),
    box(270, 462, 12, 36, 6, accent),
    box(470, 496, 60, 28, 5, accent),
  )
}

function hydrationPack({ fabric, accent, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 692, 170, 20),
    stroke('M366 148C366 104 434 104 434 148', charcoal, 13),
    stroke('M322 190C258 230 262 420 284 600M478 190C542 230 538 420 516 600', shade(fabric, 0.45), 32),
    stroke('M470 160C600 130 626 260 600 380C590 430 560 440 556 480', sky, 15),
    box(540, 470, 32, 62, 12, charcoal),
    box(546, 526, 20, 32, 8, accent),
    path('M298 250C298 170 330 136 400 136S502 170 502 250L512 610Q512 682 440 682H360Q288 682 288 610Z', fabric),
    path('M440 142C484 156 502 190 502 250L512 610Q512 682 440 682Z', shade(fabric, 0.14)),
    path('M318 260C318 196 350 176 400 176S482 196 482 260V330H318Z', tint(fabric, 0.2)),
    path('M380 270C380 254 400 226 400 226S420 254 420 270A20 20 0 0 1 380 270Z', sky),
    path('M308 380H492L498 560Q498 600 460 600H340Q302 600 302 560Z', shade(fabric, 0.36)),
    stroke('M308 382H492', accent, 9),
    stroke('M330 420L470 480L330 540M470 420L330 480L470 540', accent, 7),
    stroke('M340 642H460', tint(fabric, 0.5), 12),
  )
}

function foxPack({ fur, belly, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 684, 200, 22),
    stroke('M262 300C210 340 206 470 226 600M538 300C590 340 594 470 574 600', shade(fur, 0.45), 30),
    stroke('M360 196C360 146 440 146 440 196', shade(fur, 0.5), 16),
    path('M266 300L252 150Q252 132 272 140L372 204ZM534 300L548 150Q548 132 528 140L428 204Z', fur),
    path('M284 240L276 178L328 214ZM516 240L524 178L472 214Z', shade(fur, 0.5)),
    path('M240 340C240 236 310 190 400 190S560 236 560 340V600Q560 674 484 674H316Q240 674 240 600Z', fur),
    path('M484 212C530 236 560 280 560 340V600Q560 674 484 674Z', shade(fur, 0.1)),
    path('M242 330C300 320 350 370 400 452C450 370 500 320 558 330C562 410 500 470 400 470S238 410 242 330Z', belly),
    circle(320, 350, 17, charcoal),
    circle(480, 350, 17, charcoal),
    circle(326, 344, 5, white),
    circle(486, 344, 5, white),
    path('M372 424Q400 410 428 424Q420 452 400 456Q380 452 372 424Z', charcoal),
    stroke('M252 496Q400 530 548 496', shade(fur, 0.35), 8),
    box(300, 500, 12, 36, 6, mustard),
    path('M290 556H510V600Q510 640 470 640H330Q290 640 290 600Z', shade(fur, 0.16)),
    stroke('M306 576H494', belly, 6),
  )
}

function drySack({ fabric, accent, figure }) {
  return picture(
    studio(wall, figure),
    floorShadow(400, 686, 190, 22),
    stroke('M300 196C270 90 530 90 500 196', charcoal, 20),
    box(376, 98, 48, 40, 8, mustard),
    box(384, 108, 32, 20, 4, shade(mustard, 0.4)),
    path('M290 180H510L540 290H260Z', shade(fabric, 0.26)),
    box(284, 166, 232, 54, 20, shade(fabric, 0.42)),
    stroke('M320 236L310 284M400 236V284M480 236L490 284', shade(fabric, 0.42), 5),
    path('M246 320Q246 280 286 280H514Q554 280 554 320V630Q554 680 400 680S246 680 246 630Z', fabric),
    path('M470 280H514Q554 280 554 320V630Q554 668 470 678Z', shade(fabric, 0.16)),
    path('M284 300H312V664Q296 660 284 655Z', tint(fabric, 0.35)),
    path('M246 590Q400 626 554 590V630Q554 680 400 680S246 680 246 630Z', shade(fabric, 0.34)),
    path('M330 500C360 470 380 530 412 500S462 470 486 500M330 450C360 420 380 480 412 450S462 420 486 450', 'none', {
      stroke: accent,
      'stroke-width': 13,
      'stroke-linecap': 'round',
    }),
    stroke('M548 330C620 360 620 520 550 560', charcoal, 14),
    box(534, 316, 34, 28, 5, charcoal),
    box(534, 548, 34, 28, 5, charcoal),
  )
}

export const backpacks = {
  'BPK-0301': () => trekkingPack({ fabric: forest, accent: mustard, top: 112, pocket: 'zip', mat: rust, figure: 0 }),
  'BPK-0302': () => trekkingPack({ fabric: navy, accent: sky, top: 140, pocket: 'stretch', axe: true, figure: 2 }),
  'BPK-0303': () => trekkingPack({ fabric: brick, accent: charcoal, top: 190, pocket: 'twin', figure: 1 }),
  'BPK-0304': () => dayPack({ fabric: teal, accent: rust, bottle: mustard, figure: 3 }),
  'BPK-0305': () => rollTopPack({ fabric: stone, accent: navy, figure: 0 }),
  'BPK-0306': () => hydrationPack({ fabric: charcoal, accent: rust, figure: 1 }),
  'BPK-0307': () => foxPack({ fur: rust, belly: cream, figure: 2 }),
  'BPK-0308': () => hipPack({ fabric: plum, accent: mustard, figure: 3 }),
  'BPK-0309': () => duffel({ fabric: mustard, accent: charcoal, figure: 0 }),
  'BPK-0310': () => drySack({ fabric: sky, accent: white, figure: 1 }),
}
