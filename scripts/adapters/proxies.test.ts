import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startProxy } from '../../test/support/servers/proxy.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const aws = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' }

/** Programs that ask one host outside, which the proxy alone answers, with a text that is not JSON. */
const programs = [
  {
    name: 'a bucket of S3',
    host: 'bucket.s3.eu-west-1.amazonaws.com:443',
    script: `import { openBucket } from './scripts/adapters/s3.ts'
await openBucket('bucket').digestOf('key')`,
    env: { ...aws, AWS_REGION: 'eu-west-1' },
  },
  {
    name: 'a server like S3',
    host: 'store.invalid:80',
    script: `import { openBucket } from './scripts/adapters/s3.ts'
await openBucket('bucket').digestOf('key')`,
    env: { ...aws, AWS_ENDPOINT_URL_S3: 'http://store.invalid' },
  },
  {
    name: 'CloudWatch',
    host: 'metrics.invalid:80',
    script: `import { readAlarms } from './scripts/adapters/cloudwatch.ts'
await readAlarms('')`,
    env: { ...aws, AWS_ENDPOINT_URL: 'http://metrics.invalid' },
  },
  {
    name: 'the provider of a hub',
    host: 'provider.invalid:80',
    script: `import { makeProvider } from './runner/commands/serve/hub/sign-in/provider.ts'
const settings = { issuer: 'http://provider.invalid', clientId: 'hub', algorithm: 'ES256', scope: 'openid', groupsClaim: 'groups' }
const home = new URL('http://127.0.0.1/')
await makeProvider({ settings, secret: 'secret', callback: home, home, now: Date.now }).end()`,
    env: {},
  },
  {
    name: 'the flags that a program reads from an address',
    host: 'flags.invalid:443',
    script: `import { readSource } from './runner/flags/flag-source.ts'
await readSource({ url: 'https://flags.invalid/flags.json' }, AbortSignal.timeout(30_000))`,
    env: {},
  },
]

async function ask(script: string, env: Record<string, string>): Promise<string> {
  const quiet = `try {\n${script.replace(/^import.*$/gm, '')}\n} catch {}`
  const imports = script.match(/^import.*$/gm)?.join('\n') ?? ''
  const { stderr } = await run(process.execPath, ['--input-type=module', '--eval', `${imports}\n${quiet}`], {
    cwd: root,
    env,
  })
  return stderr
}

test.for(programs)('$name is reached through the proxy of the environment', async ({ host, script, env }) => {
  const proxy = await startProxy()
  onTestFinished(proxy.close)
  await ask(script, { ...env, HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url })
  expect(new Set(proxy.asked)).toEqual(new Set([host]))
})

test('flags from an address use no proxy for this machine, and follow a redirect', async () => {
  const proxy = await startProxy()
  onTestFinished(proxy.close)
  const script = `
    import { createServer } from 'node:http'
    import { readSource } from './runner/flags/flag-source.ts'
    const server = createServer(({ url }, response) =>
      url === '/flags' ? response.end('{}') : response.writeHead(302, { location: '/flags' }).end())
    await new Promise((begun) => server.listen(0, '127.0.0.1', begun))
    const address = 'http://127.0.0.1:' + server.address().port
    process.stdout.write(await readSource({ url: address + '/old' }, AbortSignal.timeout(30_000)))
    server.close()`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
    env: { HTTP_PROXY: proxy.url },
  })
  expect(stdout).toBe('{}')
  expect(proxy.asked).toEqual([])
})
