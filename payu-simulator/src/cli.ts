import { parseArgs } from 'node:util'
import { type PointOfSaleOptions, SANDBOX_POS } from './points-of-sale.ts'
import { type StartedSimulator, type StartOptions, startPayuSimulator } from './start.ts'

const HELP = `payu-simulator: PayU's REST v2.1 protocol on your own machine. No money moves.

Usage: payu-simulator [options]

  --port NUMBER         where to listen; 8021
  --host ADDRESS        127.0.0.1: whoever reaches it can pay any order
  --public-url URL      where browsers reach it, if it is behind something
  --time-scale NUMBER   how much faster it waits than PayU: 60 makes a minute of the retry ladder a second
  --state FILE          keep orders in this file, over restarts; in memory only without it
  --pos SETTINGS        a point of sale, as often as you like; PayU's sandbox shop 300746 without it. For example
                        --pos posId=301,clientSecret=s3cret,secondKey=k3y,currency=EUR,autoReceive=false,blik=code
  --quiet               say nothing of what happens
  --help                this
`

/** @throws Error that says which argument cannot be */
export function readArguments(args: readonly string[]): (StartOptions & { isQuiet: boolean }) | 'help' {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: text,
      host: text,
      'public-url': text,
      'time-scale': text,
      state: text,
      pos: { ...text, multiple: true },
      quiet: flag,
      help: flag,
    },
  })
  if (values.help) return 'help'
  const publicUrl = values['public-url']
  if (publicUrl !== undefined && !/^https?:\/\//.test(publicUrl)) throw new Error('--public-url: an http(s) address')
  return {
    port: readNumber('--port', values.port ?? '8021', (port) => Number.isInteger(port) && port >= 0 && port < 65_536),
    timeScale: readNumber('--time-scale', values['time-scale'] ?? '1', (scale) => scale > 0 && scale <= 1e6),
    ...(values.host !== undefined && { host: values.host }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(values.state !== undefined && { stateFile: values.state }),
    ...(values.pos && { pointsOfSale: values.pos.map(readPos) }),
    isQuiet: values.quiet ?? false,
  }
}

function readNumber(name: string, text: string, isFit: (value: number) => boolean): number {
  const value = Number(text)
  if (text.trim() === '' || !isFit(value)) throw new Error(`${name}: "${text}" cannot be`)
  return value
}

const FLAGS = ['autoReceive', 'refundsEnabled', 'partialCapture']
const TEXTS = ['posId', 'clientId', 'clientSecret', 'secondKey', 'currency', 'blik', 'refundList']

function readPos(text: string): PointOfSaleOptions {
  const entries = text.split(',').map((setting): [string, unknown] => {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(setting) ?? []
    if (TEXTS.includes(name)) return [name, value]
    if (FLAGS.includes(name) && /^(true|false)$/.test(value)) return [name, value === 'true']
    if (name === 'disabledMethods') return [name, value.split('+')]
    if (name === 'openingBalanceMinor' && /^\d+$/.test(value)) return [name, Number(value)]
    throw new Error(
      `--pos: "${setting}" cannot be; NAME=VALUE with ${[...TEXTS, ...FLAGS].join(', ')}, disabledMethods=m+w`,
    )
  })
  return Object.fromEntries(entries) as unknown as PointOfSaleOptions
}

function banner({ url, pointsOfSale }: StartedSimulator, options: StartOptions): string {
  const shops = pointsOfSale.map(
    ({ posId, clientId, clientSecret, secondKey, currency, autoReceive }) =>
      `  POS ${posId} (${currency}${autoReceive ? '' : ', captures by hand'}): client_id ${clientId}, ${
        posId === SANDBOX_POS.posId
          ? `client_secret ${clientSecret}, second key ${secondKey}: PayU's public sandbox shop`
          : 'with the keys you gave'
      }`,
  )
  return `The PayU simulator is ready. No money moves.

  ${url}               instead of https://secure.snd.payu.com in your shop
  ${url}/_simulator    orders, notifications, and switches for faults
${shops.join('\n')}
  ${options.stateFile ? `Orders are kept in ${options.stateFile}.` : 'Orders are kept in memory only; --state FILE keeps them.'}
`
}

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2))
  if (options === 'help') return void process.stdout.write(HELP)
  const { isQuiet, ...rest } = options
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const simulator = await startPayuSimulator({
    ...rest,
    ...(!isQuiet && { onEvent: ({ at, orderId = '', text }) => say(`${at.toISOString()} ${orderId} ${text}`) }),
  })
  say(banner(simulator, rest))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close())
}

main().catch((error: NodeJS.ErrnoException) => {
  const hint = error.code === 'EADDRINUSE' ? 'That port is taken: --port takes another.' : error.message
  process.stderr.write(`${hint}\npayu-simulator --help tells more.\n`)
  process.exitCode = 1
})
