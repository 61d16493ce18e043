import { sha256 } from '../domain/artifact.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { messageOf } from '../lib/errors.ts'
import { openService } from './aws.ts'

/** A bucket of S3, or of a server that speaks like it. */
export interface Bucket {
  /** SHA-256 of an object in hex; undefined when there is no such object. */
  digestOf(key: string): Promise<string | undefined>
  put(key: string, content: Buffer, type: string): Promise<void>
}

/** Milliseconds for one request: a large installer on a slow line. */
const LIMIT_MS = 1_800_000

/** Opens a bucket with the variables that the AWS command line reads. @throws {CliError} naming every missing variable */
export function openBucket(name: string): Bucket {
  const { client, region, endpoint } = openService('s3', 'S3')
  const base = endpoint ? `${endpoint}/${name}` : `https://${name}.s3.${region}.amazonaws.com`

  async function send(method: string, key: string, init: RequestInit = {}): Promise<Response> {
    const url = `${base}/${key.split('/').map(encodeURIComponent).join('/')}`
    try {
      return await client.fetch(url, { method, signal: AbortSignal.timeout(LIMIT_MS), ...init })
    } catch (error) {
      throw new CliError(
        exit.failed,
        `${method} ${url} got no answer: ${messageOf(error)}`,
        'Check the address and the network.',
      )
    }
  }

  async function refusal(response: Response, what: string): Promise<CliError> {
    const text = await response.text()
    const why = /<Message>([^<]*)/.exec(text)?.[1] ?? /<Code>([^<]*)/.exec(text)?.[1] ?? ''
    return new CliError(
      exit.failed,
      `${what} was refused with ${response.status}${why === '' ? '' : `: ${why}`}`,
      'Check the account, its rights and the name of the bucket.',
    )
  }

  return {
    async digestOf(key) {
      const head = await send('HEAD', key, { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
      if (head.status === 404) return undefined
      if (!head.ok) throw await refusal(head, `Asking for ${key}`)
      // The server's own figure. Several parts have a digest of digests, which ends with their number.
      const own = head.headers.get('x-amz-checksum-sha256')
      if (own !== null && !own.includes('-')) return Buffer.from(own, 'base64').toString('hex')
      const whole = await send('GET', key)
      if (!whole.ok) throw await refusal(whole, `Reading ${key}`)
      return sha256(Buffer.from(await whole.arrayBuffer()))
    },
    async put(key, content, type) {
      const digest = sha256(content)
      const headers = {
        'content-type': type,
        'x-amz-content-sha256': digest,
        // The server refuses bytes that are not these.
        'x-amz-checksum-sha256': Buffer.from(digest, 'hex').toString('base64'),
        'x-amz-meta-sha256': digest,
      }
      const response = await send('PUT', key, { headers, body: new Uint8Array(content) })
      if (!response.ok) throw await refusal(response, `Uploading ${key}`)
    },
  }
}
