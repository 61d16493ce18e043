import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** A real SMTP server on loopback that keeps what it is given. */
export interface MailSink {
  port: number
  mails: { to: string[]; text: string }[]
  /** Whether every recipient is refused. */
  refusing: boolean
  close(): Promise<void>
}

/** Starts a sink on a free port. It takes any user and any password, or none. */
export async function mailSink(): Promise<MailSink> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (auth, _, done) => done(null, { user: auth.username ?? '' }),
    onRcptTo: (_, __, done) => (self.refusing ? done(new Error('mailbox is full')) : done()),
    onData(stream, session, done) {
      let text = ''
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
      stream.on('end', () => {
        self.mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: MailSink = {
    port: (server.server.address() as AddressInfo).port,
    mails: [],
    refusing: false,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
  return self
}
