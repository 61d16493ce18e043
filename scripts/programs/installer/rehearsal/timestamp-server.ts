import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { listen } from '../../../lib/listen-locally.ts'
import { runTool } from '../../../lib/tool.ts'

/** A time-stamp authority of RFC 3161 on loopback. */
export interface TimestampServer {
  url: string
  /** Time stamps it has given. */
  given(): number
  [Symbol.dispose](): void
}

/** A request is 60 to 200 bytes. */
const LIMIT_BYTES = 10_000

/** Starts an authority that answers with `openssl ts`. @param folder for its configuration and the files of a request */
export async function timestampServer(
  folder: string,
  { certificate, key, ca, port = 0 }: { certificate: string; key: string; ca: string; port?: number },
): Promise<TimestampServer> {
  const config = join(folder, 'timestamp.cnf')
  await writeFile(config, configOf({ certificate, key, ca, serial: join(folder, 'timestamp.serial') }))
  let given = 0
  async function answer(request: IncomingMessage): Promise<Buffer> {
    const asked = await buffer(request)
    if (asked.length > LIMIT_BYTES) throw new Error('The request is too long.')
    const stem = join(folder, randomUUID())
    try {
      await writeFile(`${stem}.tsq`, asked)
      const files = ['-queryfile', `${stem}.tsq`, '-out', `${stem}.tsr`]
      await runTool('openssl', ['ts', '-reply', '-config', config, ...files])
      given += 1
      return await readFile(`${stem}.tsr`)
    } finally {
      await Promise.all(['tsq', 'tsr'].map((ending) => rm(`${stem}.${ending}`, { force: true })))
    }
  }
  const server = createServer((request, response) => {
    answer(request).then(
      (reply) => response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(reply),
      () => response.writeHead(400).end(),
    )
  })
  const url = `http://127.0.0.1:${await listen(server, port)}`
  return {
    url,
    given: () => given,
    [Symbol.dispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function configOf({
  certificate,
  key,
  ca,
  serial,
}: {
  certificate: string
  key: string
  ca: string
  serial: string
}): string {
  return `[tsa]
default_tsa = authority
[authority]
serial = ${serial}
signer_cert = ${certificate}
signer_key = ${key}
certs = ${ca}
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
`
}
