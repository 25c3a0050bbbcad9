// Bicycles, seen from the drive side, front to the right.

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
} from './canvas.mjs'

const { forest, teal, sky, mustard, rust, brick, cream, charcoal, stone, steel, navy, wood } = palette

const wall = '#e3f0ec'
const floor = 668

function wheel([x, y], radius, { tyre = 14, tyreColour = charcoal, knobs = false, spokes = 20 }) {
  const rim = radius - tyre
  const lines = range(spokes).map(
    (index) => `M${onCircle(x, y, 8, index * (360 / spokes) + 40)}L${onCircle(x, y, rim - 4, index * (360 / spokes))}`,
  )
  return (
    stroke(lines.join(''), stone, 2, { opacity: 0.75 }) +
    ring(x, y, rim - 2, steel, 8) +
    (knobs ? ring(x, y, radius - 2, tyreColour, 8, { 'stroke-dasharray': '9 6' }) : '') +
    ring(x, y, radius - tyre / 2, tyreColour, tyre) +
    circle(x, y, 13, charcoal) +
    circle(x, y, 6, steel)
  )
}

function drivetrain([rearX, rearY], [crankX, crankY], { chainring = 34, crank = 58, guard }) {
  return [
    stroke(
      `M${rearX} ${rearY - 16}L${crankX} ${crankY - chainring}M${rearX} ${rearY + 16}L${crankX} ${crankY + chainring}`,
      charcoal,
      5,
    ),
    circle(rearX, rearY, 17, stone),
    circle(rearX, rearY, 7, charcoal),
    guard
      ? path(
          `M${rearX} ${rearY - 24}L${crankX} ${crankY - chainring - 8}A${chainring + 8} ${chainring + 8} 0 0 1 ${crankX} ${crankY + chainring + 8}L${rearX} ${rearY + 6}Z`,
          guard,
        )
      : ring(crankX, crankY, chainring, charcoal, 8) + ring(crankX, crankY, chainring - 14, stone, 4),
    stroke(`M${crankX} ${crankY}L${crankX + crank * 0.9} ${crankY + crank * 0.44}`, shade(stone, 0.35), 11),
    stroke(`M${crankX + crank * 0.9 - 20} ${crankY + crank * 0.44}h40`, charcoal, 13),
    circle(crankX, crankY, 11, charcoal),
  ]
}

const saddle = (x, y, colour = charcoal, width = 1) =>
  path(
    `M${x - 52 * width} ${y - 12}Q${x - 30 * width} ${y - 24} ${x} ${y - 14}Q${x + 30 * width} ${y - 10} ${x + 52 * width} ${y - 8}Q${x + 56 * width} ${y + 2} ${x + 30 * width} ${y + 4}Q${x} ${y + 6} ${x - 22 * width} ${y + 14}Q${x - 58 * width} ${y + 16} ${x - 52 * width} ${y - 12}Z`,
    colour,
  )

const mudguard = ([x, y], radius, colour, from, to) =>
  stroke(
    `M${onCircle(x, y, radius + 13, from)}A${radius + 13} ${radius + 13} 0 0 1 ${onCircle(x, y, radius + 13, to)}`,
    colour,
    9,
  )

const handlebars = {
  flat: (x, y, grip) =>
    stroke(`M${x} ${y + 50}L${x - 12} ${y}L${x + 16} ${y - 8}`, charcoal, 12) +
    stroke(`M${x - 8} ${y - 8}L${x - 46} ${y - 2}`, grip, 17) +
    stroke(`M${x + 4} ${y}L${x - 20} ${y + 20}`, charcoal, 5),
  swept: (x, y, grip) =>
    stroke(
      `M${x} ${y + 60}L${x - 14} ${y - 10}C${x + 40} ${y - 40} ${x + 20} ${y - 50} ${x - 30} ${y - 36}`,
      charcoal,
      10,
    ) + stroke(`M${x - 34} ${y - 35}L${x - 80} ${y - 22}`, grip, 17),
  drop: (x, y, tape) =>
    stroke(`M${x} ${y + 40}L${x - 8} ${y}L${x + 24} ${y - 8}`, charcoal, 12) +
    stroke(
      `M${x + 22} ${y - 8}H${x + 58}C${x + 96} ${y - 4} ${x + 92} ${y + 66} ${x + 58} ${y + 66}H${x + 30}`,
      tape,
      14,
    ) +
    stroke(
      `M${x + 62} ${y - 8}L${x + 82} ${y - 26}M${x + 76} ${y}Q${x + 96} ${y + 26} ${x + 82} ${y + 48}`,
      charcoal,
      9,
    ),
}

function fork([x, y], [hubX, hubY], colour, suspension) {
  const middleX = x + (hubX - x) * 0.45
  const middleY = y + (hubY - y) * 0.45
  return suspension
    ? stroke(`M${x} ${y}L${Math.round(middleX)} ${Math.round(middleY)}`, steel, 13) +
        stroke(`M${Math.round(middleX)} ${Math.round(middleY)}L${hubX} ${hubY}`, colour, 20) +
        box(x - 22, y - 12, 44, 18, 7, charcoal)
    : stroke(`M${x} ${y}Q${x + (hubX - x) * 0.5} ${y + (hubY - y) * 0.75} ${hubX} ${hubY}`, colour, 14)
}

function rack([x, y], radius) {
  const top = y - radius - 30
  return (
    stroke(
      `M${x - 74} ${top}H${x + 100}M${x - 40} ${top}L${x} ${y}M${x + 30} ${top}L${x} ${y}`,
      shade(stone, 0.35),
      8,
    ) + box(x - 92, top - 8, 16, 26, 5, brick)
  )
}

function bike({
  frame,
  trim = cream,
  shape = 'diamond',
  bars = 'flat',
  grip = charcoal,
  seat = charcoal,
  tyre = {},
  radius = 138,
  suspension = false,
  guards,
  luggageRack = false,
  basket = false,
  bottle,
  chainGuard,
  figure,
}) {
  const rear = [200, floor - radius]
  const front = [602, floor - radius]
  const crank = [376, 548]
  const head = { top: [522, 322], bottom: [540, 384] }
  const tubes = {
    diamond: `M${crank}L318 352L524 340M${crank}L536 372`,
    sloping: `M${crank}L330 400L526 346M${crank}L537 374`,
    stepThrough: `M${crank}L318 352M${crank}C440 540 490 450 526 338M352 470C430 470 490 420 528 356`,
  }[shape]
  const seatTop = shape === 'sloping' ? [330, 400] : [318, 352]
  return picture(
    studio(wall, figure),
    floorShadow(400, floor + 2, 330, 18),
    wheel(rear, radius, tyre),
    wheel(front, radius, tyre),
    guards ? [mudguard(rear, radius, guards, 165, 318), mudguard(front, radius, guards, 200, 330)] : '',
    luggageRack ? rack(rear, radius) : '',
    stroke(`M${rear}L${crank}M${rear}L${seatTop}`, shade(frame, 0.16), 11),
    stroke(`M${seatTop}L${seatTop[0] - (shape === 'sloping' ? 26 : 14)} ${296}`, stone, 12),
    saddle(300, 284, seat, seat === charcoal ? 1 : 1.15),
    fork(head.bottom, front, suspension ? shade(frame, 0.4) : frame, suspension),
    stroke(tubes, frame, 18),
    stroke(`M${head.top}L${head.bottom}`, frame, 24),
    shape === 'stepThrough' ? '' : stroke('M420 500L500 412', trim, 6),
    bottle
      ? stroke('M426 460L478 402', bottle, 30, { 'stroke-linecap': 'butt' }) + stroke('M480 400L492 386', charcoal, 16)
      : '',
    handlebars[bars](520, 272, grip),
    basket
      ? stroke('M532 330L586 306M514 270L560 262', charcoal, 8) +
          path('M556 236H674L656 330H574Z', wood) +
          stroke('M562 262H668M567 290H663M592 240L598 326M616 240V326M640 240L634 326', shade(wood, 0.35), 5) +
          box(550, 228, 130, 16, 8, shade(wood, 0.2))
      : '',
    luggageRack && !basket ? circle(560, 330, 17, charcoal) + circle(567, 330, 12, '#ffe08a') : '',
    drivetrain(rear, crank, { guard: chainGuard }),
  )
}

function foldingBike({ frame, grip, figure }) {
  const rear = [214, 578]
  const front = [612, 578]
  const crank = [352, 560]
  return picture(
    studio(wall, figure),
    floorShadow(400, floor + 2, 310, 18),
    wheel(rear, 90, { tyre: 15, spokes: 16 }),
    wheel(front, 90, { tyre: 15, spokes: 16 }),
    mudguard(rear, 90, charcoal, 170, 320),
    mudguard(front, 90, charcoal, 200, 340),
    stroke('M318 470L284 262', stone, 13),
    stroke('M330 540L312 440', shade(frame, 0.1), 24),
    saddle(276, 248),
    stroke(`M${rear}L${crank}M${rear}L324 500`, shade(frame, 0.16), 12),
    stroke(`M556 460L${front}`, frame, 15),
    stroke(`M340 530C400 500 460 470 546 432`, frame, 30),
    stroke('M540 400L558 462', frame, 26),
    stroke('M546 408L506 214', stone, 13),
    stroke('M430 470l18 34', charcoal, 10),
    circle(436, 486, 9, mustard),
    circle(540, 384, 10, mustard),
    stroke('M520 206L452 210', charcoal, 12),
    stroke('M484 208L446 211', grip, 18),
    circle(538, 300, 14, charcoal),
    circle(546, 300, 9, '#ffe08a'),
    drivetrain(rear, crank, { chainring: 32, crank: 50 }),
  )
}

function childBike({ frame, trim, figure }) {
  const rear = [236, 556]
  const front = [572, 556]
  const crank = [374, 556]
  return picture(
    studio(wall, figure),
    floorShadow(400, floor + 2, 280, 18),
    wheel(rear, 112, { tyre: 20, spokes: 16 }),
    wheel(front, 112, { tyre: 20, spokes: 16 }),
    mudguard(rear, 112, trim, 190, 320),
    mudguard(front, 112, trim, 205, 325),
    stroke(`M${rear}L${crank}M${rear}L338 430`, shade(frame, 0.16), 13),
    stroke('M336 430L322 372', stone, 13),
    saddle(318, 358, trim),
    stroke(`M516 440L${front}`, frame, 16),
    stroke(`M${crank}L336 424M${crank}C440 540 480 460 506 396M346 466C420 466 470 440 510 412`, frame, 20),
    stroke('M500 380L518 442', frame, 26),
    stroke('M502 386L486 306C530 280 500 274 470 284', charcoal, 11),
    stroke('M466 286L430 296', trim, 18),
    circle(486, 300, 16, steel),
    circle(486, 300, 6, charcoal),
    stroke('M196 440V250', stone, 4),
    path('M198 250L266 272L198 296Z', mustard),
    path('M516 342l9 18l20 3l-14 14l3 20l-18 -9l-18 9l3 -20l-14 -14l20 -3Z', mustard),
    drivetrain(rear, crank, { chainring: 28, crank: 48, guard: trim }),
  )
}

function balanceBike({ frame, seat, figure }) {
  const rear = [250, 568]
  const front = [566, 568]
  return picture(
    studio(wall, figure),
    floorShadow(400, floor + 2, 260, 18),
    wheel(rear, 100, { tyre: 24, spokes: 10 }),
    wheel(front, 100, { tyre: 24, spokes: 10 }),
    stroke('M352 480L340 392', stone, 14),
    saddle(336, 376, seat, 1.1),
    path(
      'M246 556C300 470 350 450 410 468C450 480 480 450 496 410L530 420C512 490 470 524 410 508C350 492 300 530 262 584Z',
      frame,
    ),
    path(
      'M250 562C306 494 352 478 410 490C460 502 492 470 512 414L530 420C512 490 470 524 410 508C350 492 300 530 262 584Z',
      shade(frame, 0.16),
    ),
    circle(360, 480, 10, cream),
    circle(420, 488, 10, cream),
    stroke(`M520 430L${front}`, frame, 24),
    stroke('M488 330L518 432', shade(frame, 0.2), 24),
    stroke('M492 340L482 306', charcoal, 14),
    stroke('M496 304L440 312', seat, 20),
    circle(250, 568, 12, cream),
    circle(566, 568, 12, cream),
  )
}

export const bikes = {
  'BIK-0601': () =>
    bike({
      frame: teal,
      shape: 'stepThrough',
      bars: 'swept',
      grip: wood,
      seat: wood,
      tyre: { tyreColour: '#5b5148' },
      guards: teal,
      luggageRack: true,
      basket: true,
      chainGuard: shade(teal, 0.2),
      figure: 0,
    }),
  'BIK-0602': () =>
    bike({
      frame: navy,
      trim: sky,
      shape: 'diamond',
      bars: 'flat',
      tyre: { tyre: 13 },
      guards: charcoal,
      luggageRack: true,
      bottle: sky,
      figure: 2,
    }),
  'BIK-0603': () =>
    bike({
      frame: rust,
      trim: cream,
      shape: 'diamond',
      bars: 'drop',
      grip: charcoal,
      tyre: { tyre: 14, knobs: true, tyreColour: '#4a4038' },
      bottle: cream,
      figure: 1,
    }),
  'BIK-0604': () =>
    bike({
      frame: forest,
      trim: mustard,
      shape: 'sloping',
      bars: 'flat',
      grip: brick,
      tyre: { tyre: 22, knobs: true },
      suspension: true,
      figure: 3,
    }),
  'BIK-0605': () =>
    bike({
      frame: mustard,
      trim: charcoal,
      shape: 'diamond',
      bars: 'flat',
      grip: wood,
      seat: wood,
      tyre: { tyre: 10, tyreColour: '#6a5a4a', spokes: 24 },
      figure: 0,
    }),
  'BIK-0606': () => foldingBike({ frame: brick, grip: charcoal, figure: 1 }),
  'BIK-0607': () => childBike({ frame: sky, trim: brick, figure: 2 }),
  'BIK-0608': () => balanceBike({ frame: tint(forest, 0.2), seat: mustard, figure: 0 }),
}
