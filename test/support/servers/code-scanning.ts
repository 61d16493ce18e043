import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

/** A server on loopback with the two addresses of GitHub's code scanning, as its reference describes them. */
export interface CodeScanningServer {
  /** The variables of a job whose token it knows. */
  env: Record<string, string>
  /** What was uploaded last. */
  got(): { headers: IncomingHttpHeaders; commit: string; ref: string; sarif: string } | undefined
  /** How often it was asked for the state of an upload. */
  looks(): number
  /** Forgets what was uploaded. The first look finds the report pending, the next one finds this. */
  expect(verdict?: object): void
  close(): void
}

export async function codeScanningServer(): Promise<CodeScanningServer> {
  const token = 'ghs_0123456789canary'
  const complete = {
    processing_status: 'complete',
    analyses_url: 'https://api.example/analyses',
    errors: null,
  }
  let got: ReturnType<CodeScanningServer['got']>
  let looks = 0
  let verdict: object = complete
  const server = createServer((request, response) => {
    void (async () => {
      const say = (code: number, value: object): void => {
        response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value))
      }
      const body = await text(request)
      if (request.headers.authorization !== `Bearer ${token}`) return say(401, { message: 'Bad credentials' })
      const base = '/repos/example/shop/code-scanning/sarifs'
      if (request.method === 'POST' && request.url === base) {
        const sent = JSON.parse(body) as { commit_sha: string; ref: string; sarif: string }
        const sarif = gunzipSync(Buffer.from(sent.sarif, 'base64')).toString()
        got = { headers: request.headers, commit: sent.commit_sha, ref: sent.ref, sarif }
        return say(202, { id: '47177e22', url: `${base}/47177e22` })
      }
      if (request.url !== `${base}/47177e22`) return say(404, { message: 'Not Found' })
      looks += 1
      return say(200, looks === 1 ? { processing_status: 'pending' } : verdict)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    env: {
      GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      GITHUB_REPOSITORY: 'example/shop',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_TOKEN: token,
    },
    got: () => got,
    looks: () => looks,
    expect(given = complete) {
      got = undefined
      looks = 0
      verdict = given
    },
    close: () => server.close().closeAllConnections(),
  }
}
