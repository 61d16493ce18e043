import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** A time stamping authority on loopback, made of openssl: `ca.pem` in its folder is whom to trust. */
export async function authority(folder: string): Promise<{ url: string; [Symbol.dispose](): void }> {
  mkdirSync(folder)
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const name = ['-nodes', '-newkey', 'rsa:2048', '-days', '2']
  openssl('req', '-x509', ...name, '-subj', '/CN=Test CA', '-keyout', 'ca.key', '-out', 'ca.pem')
  openssl(
    'req',
    '-new',
    ...name.slice(0, 3),
    '-subj',
    '/CN=Test TSA',
    '-keyout',
    'tsa.key',
    '-out',
    'tsa.csr',
  )
  writeFileSync(join(folder, 'tsa.ext'), 'extendedKeyUsage = critical,timeStamping\n')
  openssl(
    'x509',
    '-req',
    '-in',
    'tsa.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-days',
    '2',
    '-extfile',
    'tsa.ext',
    '-out',
    'tsa.pem',
  )
  writeFileSync(join(folder, 'serial'), '01\n')
  writeFileSync(
    join(folder, 'tsa.cnf'),
    '[tsa]\ndefault_tsa = one\n[one]\nserial = serial\nsigner_cert = tsa.pem\ncerts = ca.pem\nsigner_key = tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\n',
  )
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      writeFileSync(join(folder, 'query'), Buffer.concat(chunks))
      openssl('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query', '-out', 'reply')
      response
        .setHeader('content-type', 'application/timestamp-reply')
        .end(readFileSync(join(folder, 'reply')))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, [Symbol.dispose]: () => void server.close() }
}
