import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import * as z from 'zod'

/** The body of "Create a check run", as far as GitHub documents it for a check that has completed. */
const checkRun = z.strictObject({
  name: z.string().min(1),
  head_sha: z.string().regex(/^[0-9a-f]{40}$/),
  status: z.literal('completed'),
  conclusion: z.enum([
    'action_required',
    'cancelled',
    'failure',
    'neutral',
    'success',
    'skipped',
    'timed_out',
  ]),
  output: z.strictObject({ title: z.string().min(1), summary: z.string().max(65_535) }),
})

export interface CheckRuns extends AsyncDisposable {
  /** The value of GITHUB_API_URL. */
  address: string
  /** The check runs, in the order of their requests. */
  runs: z.output<typeof checkRun>[]
}

/** Speaks the part of GitHub's API that writes check runs of one repository, for one token. */
export async function checkRuns(repository: string, token: string): Promise<CheckRuns> {
  const runs: z.output<typeof checkRun>[] = []
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    void text(request).then((body) => {
      if (request.headers.authorization !== `Bearer ${token}`)
        return answer(401, { message: 'Bad credentials' })
      if (request.method !== 'POST' || request.url !== `/repos/${repository}/check-runs`)
        return answer(404, { message: 'Not Found' })
      const read = checkRun.safeParse(JSON.parse(body))
      if (!read.success) return answer(422, { message: 'Validation Failed', errors: read.error.issues })
      runs.push(read.data)
      return answer(201, { id: runs.length, ...read.data })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runs,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
