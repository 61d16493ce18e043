import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { messageOf } from './errors.ts'

/**
 * Listens on loopback, and returns the port: 0 takes a free one.
 * @throws {CliError} when the port cannot be had
 */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((done, fail) => {
    server.once('error', (error) =>
      fail(
        new CliError(
          exit.failed,
          `Port ${port} cannot be used: ${messageOf(error)}`,
          'Stop what uses it, or choose another with --port PORT.',
        ),
      ),
    )
    server.listen(port, '127.0.0.1', done)
  })
  return (server.address() as AddressInfo).port
}
