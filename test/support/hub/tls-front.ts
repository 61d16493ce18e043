import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { testAuthority } from '../certificates.ts'

/** The proxy with TLS that stands before a hub, for a browser that is to believe its certificate. */
export interface Front {
  /** Options of Chromium: the host of the hub is this proxy, and its key is known. */
  options: string[]
  close(): Promise<void>
}

/** Serves the host of a hub by TLS and passes each request on as it came. */
export async function tlsFront(folder: string, host: string, port: number): Promise<Front> {
  const { certificate, key } = testAuthority(folder).issue('hub', host, 30)
  const [cert, secret] = [readFileSync(certificate), readFileSync(key)]
  const server = createServer({ cert, key: secret }, (from, to) => {
    const { method, url, headers } = from
    const on = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(to)
    })
    on.on('error', () => to.destroy())
    from.pipe(on)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
  return {
    options: [
      `--host-resolver-rules=MAP ${host}:443 127.0.0.1:${(server.address() as AddressInfo).port}`,
      `--ignore-certificate-errors-spki-list=${createHash('sha256').update(spki).digest('base64')}`,
    ],
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}
