import { type AddressInfo, createServer, type Socket } from 'node:net'

/** What a mail server got: one mail. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** As it came, dots unstuffed, lines ended by CRLF. */
  readonly data: string
}

/** What to say to a command (`MAIL`, `RCPT`, `DATA`, or `.` for the end of the data) in place of yes; `hang`: nothing, ever. */
export type Manners = (command: string, argument: string) => string | undefined

export interface SmtpServer {
  readonly url: string
  readonly received: ReceivedMail[]
  /** From now on. */
  manners: Manners
  stop(): Promise<void>
}

/** A mail server on loopback that takes everything, unless its manners say otherwise. */
export async function startSmtpServer(manners: Manners = () => undefined): Promise<SmtpServer> {
  const sockets = new Set<Socket>()
  const received: ReceivedMail[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    converse(socket, received, (command, argument) => smtp.manners(command, argument))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const smtp: SmtpServer = {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    manners,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return smtp
}

function converse(socket: Socket, received: ReceivedMail[], manners: Manners): void {
  let buffer = ''
  let data: string[] | undefined
  let from = ''
  let to: string[] = []
  const say = (line: string) => socket.write(`${line}\r\n`)
  const answer = (command: string, argument: string, yes: string, onYes: () => void = () => {}) => {
    const instead = manners(command, argument)
    if (instead === 'hang') return
    if (instead === undefined || instead.startsWith('2')) onYes()
    say(instead ?? yes)
  }
  const hear = (line: string) => {
    if (data) {
      if (line !== '.') return void data.push(line.startsWith('.') ? line.slice(1) : line)
      const mail = { from, to, data: `${data.join('\r\n')}\r\n` }
      data = undefined
      return answer('.', '', '250 taken', () => received.push(mail))
    }
    const [command = '', ...rest] = line.split(' ')
    const argument = rest.join(' ')
    switch (command.toUpperCase()) {
      case 'EHLO':
        return answer('EHLO', argument, '250-AUTH PLAIN\r\n250 SMTPUTF8')
      case 'AUTH':
        return answer('AUTH', argument, '235 come in')
      case 'MAIL':
        return answer('MAIL', argument, '250 ok', () => {
          from = /<(.*?)>/.exec(argument)?.[1] ?? ''
          to = []
        })
      case 'RCPT':
        return answer('RCPT', argument, '250 ok', () => to.push(/<(.*?)>/.exec(argument)?.[1] ?? ''))
      case 'DATA':
        return answer('DATA', argument, '354 go on', () => {
          data = []
        })
      case 'QUIT':
        say('221 bye')
        return void socket.end()
      default:
        return answer(command.toUpperCase(), argument, '502 not here')
    }
  }
  answer('CONNECT', '', '220 mail.example ESMTP')
  socket.on('data', (chunk) => {
    buffer += chunk.toString('utf8')
    const lines = buffer.split('\r\n')
    buffer = lines.pop() ?? ''
    for (const line of lines) hear(line)
  })
}
