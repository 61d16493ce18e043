import { createHash, createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A server on loopback that speaks as much of S3 as an upload needs, and refuses what is not signed as AWS defines it. */
export interface S3Server {
  url: string
  /** The variables of a client that may write. */
  env: Record<string, string>
  /** Objects by `bucket/key`. */
  objects: Map<string, Buffer>
  /** Methods and paths that were asked for, in order. */
  asked: string[]
  close(): void
}

const KEY = 'AKIDEXAMPLE'
const SECRET = 'wJalrXUtnFEMI+EXAMPLE'

/** The variables of an account whose signatures are right. */
export const account = {
  AWS_ACCESS_KEY_ID: KEY,
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_REGION: 'eu-west-1',
}

export async function s3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request)
      const name = decodeURIComponent((request.url ?? '').slice(1))
      asked.push(`${request.method} ${name}`)
      const refuse = (status: number, message: string): void =>
        void response
          .writeHead(status)
          .end(`<Error><Code>Refused</Code><Message>${message}</Message></Error>`)
      if (!isSigned(request, body)) return refuse(403, 'The request signature does not match')
      const digest = (content: Buffer): string => createHash('sha256').update(content).digest('base64')
      if (request.method === 'PUT') {
        if (request.headers['x-amz-checksum-sha256'] !== digest(body))
          return refuse(400, 'The checksum does not match')
        objects.set(name, body)
        return response.writeHead(200).end()
      }
      const content = objects.get(name)
      if (content === undefined) return refuse(404, 'The key does not exist')
      const headers = {
        'content-length': content.length,
        ...(request.headers['x-amz-checksum-mode'] ? { 'x-amz-checksum-sha256': digest(content) } : {}),
      }
      return response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : content)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const env = { ...account, AWS_ENDPOINT_URL_S3: url }
  return { url, env, objects, asked, close: () => server.close().closeAllConnections() }
}

/** Signature Version 4, worked out from the definition: no code of the client's is used. */
export function isSigned({ method = '', url = '', headers }: IncomingMessage, body: Buffer): boolean {
  const [, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    ) ?? []
  const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
  // S3 alone asks for the header.
  const claimed = String(headers['x-amz-content-sha256'] ?? hash(body))
  if (claimed !== 'UNSIGNED-PAYLOAD' && claimed !== hash(body)) return false
  const lines = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
  const canonical = [method, url, '', lines.join(''), names, claimed].join('\n')
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash(canonical)].join('\n')
  const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${SECRET}`)
  return hmac(key, text).toString('hex') === signature
}
