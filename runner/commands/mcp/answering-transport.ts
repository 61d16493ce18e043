import { Readable } from 'node:stream'
import type { JSONRPCMessage } from '@modelcontextprotocol/server'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'

/**
 * Standard input and output of a server whose client may end its input before it has the answers, as a file of requests does: for
 * the server the input ends once they are written.
 */
export class AnsweringTransport extends StdioServerTransport {
  readonly input: Readable
  readonly #stdin: Readable
  readonly #open = new Set<unknown>()
  #answered = Promise.withResolvers<void>()

  constructor(stdin: Readable) {
    const answered = async (): Promise<void> => {
      if (this.#open.size > 0) await this.#answered.promise
    }
    // It is not in object mode, so that a chunk is with the server before the next one is read.
    const input = Readable.from(thenWait(stdin, answered), { objectMode: false })
    super(input)
    this.input = input
    this.#stdin = stdin
  }

  /** How many requests wait for their answer. */
  get unanswered(): number {
    return this.#open.size
  }

  override async start(): Promise<void> {
    const deliver = this.onmessage
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has one listener, which is this property
    this.onmessage = (message) => {
      this.#note(message)
      deliver?.(message)
    }
    await super.start()
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    await super.send(message)
    if ('id' in message && !('method' in message)) this.#close(message.id)
  }

  override async close(): Promise<void> {
    this.#answered.resolve()
    this.#stdin.destroy()
    await super.close()
  }

  #note(message: JSONRPCMessage): void {
    if (!('method' in message)) return
    // A subscription is answered when the connection ends, and a cancelled request never is.
    if ('id' in message && message.method !== 'subscriptions/listen') this.#open.add(message.id)
    if (message.method === 'notifications/cancelled') this.#close(message.params?.['requestId'])
  }

  #close(id: unknown): void {
    this.#open.delete(id)
    if (this.#open.size > 0) return
    this.#answered.resolve()
    this.#answered = Promise.withResolvers<void>()
  }
}

async function* thenWait(
  stdin: Readable,
  answered: () => Promise<void>,
): AsyncGenerator<string | Buffer, void> {
  try {
    yield* stdin
  } catch {
    // A connection that was reset takes no answers.
    return
  }
  await answered()
}
