import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { anotherPort } from '../../../scripts/lab/servers/ports.ts'
import { waitFor } from '../../../scripts/lib/wait.ts'
import { patienceMs } from '../../support/patience.ts'

/** A system that is not a lab: two processes of a small shop behind an HAProxy, and the git repository of the shop. */
export interface ForeignSystem {
  /** The text of environments.yaml that describes it. */
  environments: string
  /** Where users ask. */
  site: string
  repository: string
  /** The versions that answer so many requests. */
  versions(requests: number): Promise<Set<string>>
  /** Requests that users sent and that failed. */
  failed(): number
  [Symbol.dispose](): void
}

/** The shop: a server of its own, which counts its requests in its own words and knows no colors. */
const server = `import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const buckets = [0.005, 0.05, 0.5, 5]
const counts = buckets.map(() => 0)
let total = 0
let seconds = 0
createServer((request, response) => {
  const began = performance.now()
  if (request.url === '/metrics') {
    const lines = buckets.map((le, at) => \`shop_request_seconds_bucket{le="\${le}"} \${counts[at]}\`)
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    return response.end([
      '# TYPE shop_requests_total counter', \`shop_requests_total{status="ok"} \${total}\`, 'shop_requests_total{status="failed"} 0',
      '# TYPE shop_request_seconds histogram', ...lines, \`shop_request_seconds_bucket{le="+Inf"} \${total}\`,
      \`shop_request_seconds_sum \${seconds}\`, \`shop_request_seconds_count \${total}\`,
      '# TYPE shop_up gauge', 'shop_up 1', ''].join('\\n'))
  }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ version }))
  const took = (performance.now() - began) / 1000
  total += 1
  seconds += took
  buckets.forEach((le, at) => { if (took <= le) counts[at] += 1 })
}).listen(Number(process.env.PORT), '127.0.0.1')
`

/** Starts it below a folder, with version 1.0.0 as blue, which has all of the traffic, and users who ask all the time. */
export async function foreignSystem(space: string): Promise<ForeignSystem> {
  const folder = join(space, 'shop')
  const repository = join(folder, 'repository')
  const [site, blue, green] = [
    await anotherPort(0, 0, []),
    await anotherPort(0, 0, []),
    await anotherPort(0, 0, []),
  ]
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const git = (...args: string[]): void => void execFileSync('git', ['-C', repository, ...args])
  mkdirSync(repository, { recursive: true })
  git('init', '-q')
  git('config', 'user.name', 'Ada')
  git('config', 'user.email', 'ada@example.com')
  const commit = (version: string): void => {
    write('repository/package.json', JSON.stringify({ name: 'acme-shop', version, type: 'module' }))
    write('repository/src/server.js', server)
    write('repository/CHANGELOG.md', `# Changelog\n\n## [${version}] - 2026-11-01\n\n- Prices are shown.\n`)
    git('add', '.')
    git('commit', '-qm', version)
  }
  commit('1.0.0')
  // Their own way to start and stop a process; Runbook knows nothing of it but the commands.
  write(
    'start',
    `#!/bin/sh\nexport PORT=$(cat ${folder}/$COLOR.port)\ncd "$ARTIFACT"\nsetsid "${process.execPath}" public/server.js </dev/null >/dev/null 2>&1 &\necho $! >${folder}/$COLOR.pid\n`,
  )
  write('stop', `#!/bin/sh\nkill $(cat ${folder}/$COLOR.pid)\n`)
  for (const name of ['start', 'stop']) chmodSync(join(folder, name), 0o755)
  write('blue.port', String(blue))
  write('green.port', String(green))
  const first = join(folder, 'first')
  write('first/package.json', readFileSync(join(repository, 'package.json'), 'utf8'))
  write('first/public/server.js', server)
  execFileSync(join(folder, 'start'), { env: { ...process.env, COLOR: 'blue', ARTIFACT: first } })
  commit('2.0.0')
  const socket = join(folder, 'haproxy.sock')
  write('haproxy.cfg', haproxyConfiguration(socket, site, blue, green))
  const proxy = spawn('haproxy', ['-f', join(folder, 'haproxy.cfg')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const address = `http://127.0.0.1:${site}`
  await waitFor(() => {
    if (proxy.exitCode !== null) throw new Error(`HAProxy ended with ${proxy.exitCode}`)
    return fetch(address).then(
      ({ ok }) => ok || undefined,
      () => undefined,
    )
  }, patienceMs)
  const users = endlessUsers(address)
  return {
    environments: environmentsOf(folder, socket, address, blue, green),
    site: address,
    repository,
    async versions(requests) {
      const answers = Array.from({ length: requests }, async () => {
        const { version } = (await (await fetch(address)).json()) as { version: string }
        return version
      })
      return new Set(await Promise.all(answers))
    },
    failed: () => users.failed,
    [Symbol.dispose]() {
      users.stop()
      endAll(proxy, folder)
    },
  }
}

function haproxyConfiguration(socket: string, site: number, blue: number, green: number): string {
  return `global
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend users
  bind 127.0.0.1:${site}
  default_backend shop
backend shop
  option httpchk GET /healthz
  default-server check inter 300ms fall 2 rise 1
  server blue 127.0.0.1:${blue} weight 100
  server green 127.0.0.1:${green} weight 0
`
}

function environmentsOf(folder: string, socket: string, site: string, blue: number, green: number): string {
  return `environments:
  production:
    site: ${site}
    metrics: [http://127.0.0.1:${blue}/metrics]
    proxy: { adapter: haproxy, socket: ${socket}, backend: shop }
    colors: { blue: "http://127.0.0.1:${blue}", green: "http://127.0.0.1:${green}" }
    start: ${folder}/start
    stop: ${folder}/stop
    gate:
      requests: shop_requests_total
      errors: shop_requests_total{status="failed"}
      duration: shop_request_seconds
      up: shop_up
`
}

/** Users who ask ten times a second and count what fails. */
function endlessUsers(address: string): { failed: number; stop(): void } {
  const users = { failed: 0, stop: () => clearInterval(timer) }
  const timer = setInterval(() => {
    void fetch(address).then(
      ({ ok }) => void (users.failed += ok ? 0 : 1),
      () => void (users.failed += 1),
    )
  }, 50)
  return users
}

function endAll(proxy: ChildProcess, folder: string): void {
  proxy.kill('SIGTERM')
  for (const color of ['blue', 'green'])
    try {
      process.kill(Number(readFileSync(join(folder, `${color}.pid`), 'utf8')), 'SIGTERM')
    } catch {
      // It does not run.
    }
}
