import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runTool } from '../../lib/tool.ts'
import { waitFor } from '../../lib/wait.ts'
import { anotherPort } from '../../lab/servers/ports.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'

const limitMs = 30_000

async function redis(folder: string, port: number): Promise<(...args: string[]) => Promise<string>> {
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  await runTool('redis-server', [...place, '--daemonize', 'yes', '--logfile', join(folder, 'redis.log')])
  const ask = async (...args: string[]): Promise<string> =>
    await runTool('redis-cli', ['-p', String(port), ...args])
  const up = await waitFor(async () => (await ask('ping').catch(() => '')).trim() || undefined, limitMs)
  if (up === 'PONG') return ask
  throw new CliError(exit.failed, `Redis does not answer on port ${port}`, `Look at ${folder}/redis.log.`)
}

/** Leaves `kept.rdb`, a snapshot with 20 sessions. The server itself is lost: it is stopped. */
export async function startRedis(dir: string): Promise<void> {
  const ask = await redis(dir, await anotherPort(0, 0, []))
  for (let key = 0; key < 20; key++) await ask('set', `session:${key}`, 'open')
  await ask('save')
  copyFileSync(join(dir, 'dump.rdb'), join(dir, 'kept.rdb'))
  await ask('shutdown', 'nosave').catch(() => undefined)
}

/** Leaves HAProxy at `haproxy.sock` in front of one server, and a Redis whose database 3 has the sessions. */
export async function startSessions(dir: string, port: number): Promise<void> {
  const ask = await redis(dir, port)
  await ask('-n', '3', 'set', 'session:1', 'open')
  const front = await anotherPort(0, 0, [port])
  writeFileSync(
    join(dir, 'haproxy.cfg'),
    `global\n  stats socket ${join(dir, 'haproxy.sock')} mode 600 level admin\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n` +
      `frontend users\n  bind 127.0.0.1:${front}\n  default_backend app\nbackend app\n  server one 127.0.0.1:${port}\n`,
  )
  await runTool('haproxy', ['-D', '-p', join(dir, 'haproxy.pid'), '-f', join(dir, 'haproxy.cfg')])
}

/** Leaves nginx with a certificate that ends in 20 days, and a new one beside it, both of an authority of its own. */
export async function startCertificate(dir: string, port: number): Promise<void> {
  const openssl = async (...args: string[]): Promise<void> =>
    void (await runTool('openssl', args, { cwd: dir }))
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const ca = ['-keyout', 'ca.key', '-out', 'ca.pem', '-days', '400', '-subj', '/CN=Practice']
  await openssl('req', '-x509', ...key, ...ca)
  writeFileSync(join(dir, 'names'), 'subjectAltName=DNS:shop.example,IP:127.0.0.1\n')
  for (const [name, days] of [
    ['live', '20'],
    ['new', '365'],
  ] as const) {
    const request = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=shop.example']
    await openssl('req', '-new', ...key, ...request)
    const sign = ['-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
    await openssl('x509', '-req', ...sign, '-out', `${name}.pem`, '-days', days, '-extfile', 'names')
  }
  mkdirSync(join(dir, 'temporary'))
  writeFileSync(
    join(dir, 'nginx.conf'),
    `pid ${dir}/nginx.pid;\nerror_log ${dir}/error.log;\nevents {}\nhttp {\n  access_log off;\n  client_body_temp_path temporary;\n` +
      `  server { listen 127.0.0.1:${port} ssl; ssl_certificate ${dir}/live.pem; ssl_certificate_key ${dir}/live.key; return 200 here; }\n}\n`,
  )
  await runTool('nginx', ['-c', join(dir, 'nginx.conf'), '-p', dir])
}

/** Leaves a list with one secret that is overdue, and has another value from its second reading on. */
export function startSecret(dir: string): void {
  const script = `n=$(cat "$1/reads" 2>/dev/null || echo 0); echo $((n + 1)) > "$1/reads"; test "$n" = 0 && echo before || echo after`
  const command = JSON.stringify(['bash', '-c', script, 'read', dir])
  writeFileSync(
    join(dir, 'secrets.yaml'),
    `secrets:\n  practice/db: { command: ${command}, every: 90d, changed: 2026-01-01 }\n`,
  )
}

/** Ends what a practice started, by the process ids in its folder, and removes the folder. */
export async function stopServers(dir: string, port: number): Promise<void> {
  for (const name of ['haproxy.pid', 'nginx.pid']) {
    const pid = Number(readText(join(dir, name)))
    if (Number.isInteger(pid) && pid > 1) await end(pid)
  }
  if (readText(join(dir, 'redis.log')) !== '')
    await runTool('redis-cli', ['-p', String(port), 'shutdown', 'nosave']).catch(() => undefined)
  rmSync(dir, { recursive: true, force: true })
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

/** A server writes into its folder until it has ended. */
async function end(pid: number): Promise<void> {
  const isAlive = (signal: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(pid, signal)
    } catch {
      return false
    }
  }
  if (isAlive('SIGTERM')) await waitFor(() => (isAlive(0) ? undefined : true), limitMs)
}
