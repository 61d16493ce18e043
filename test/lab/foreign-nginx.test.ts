import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Component, startComponent } from '../../scripts/lab/servers/component.ts'
import { anotherPort } from '../../scripts/lab/servers/ports.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { cleanUp, runScript, tempDir, untilUp } from '../scripts/support.ts'
import { patienceMs } from '../support/patience.ts'

// A system of somebody else behind nginx: its service knows its version, and neither its color nor its commit.
const server = `import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
createServer((_, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ version }))
}).listen(Number(process.env.PORT), '127.0.0.1')
`
const upstream = (first: string, second: string): string =>
  `server 127.0.0.1:${ports.blue} ${first}; # blue\nserver 127.0.0.1:${ports.green} ${second}; # green\n`

let folder: string
let ports: { site: number; blue: number; green: number }
let nginx: Component

beforeAll(async () => {
  folder = await tempDir()
  ports = {
    site: await anotherPort(0, 0, []),
    blue: await anotherPort(0, 0, []),
    green: await anotherPort(0, 0, []),
  }
  mkdirSync(join(folder, 'shop/src'), { recursive: true })
  const git = (...args: string[]): void => void execFileSync('git', ['-C', join(folder, 'shop'), ...args])
  git('init', '-q')
  for (const version of ['1.0.0', '2.0.0']) {
    writeFileSync(join(folder, 'shop/src/server.js'), server)
    writeFileSync(
      join(folder, 'shop/package.json'),
      JSON.stringify({ name: 'shop', version, type: 'module' }),
    )
    git('add', '.')
    git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-qm', version)
    const built = await runScript(
      'build.ts',
      '--repository',
      join(folder, 'shop'),
      '--version',
      version,
      '--out',
      folder,
    )
    expect(built).toMatchObject({ code: 0 })
  }
  const port = `PORT=$(test "$COLOR" = blue && echo ${ports.blue} || echo ${ports.green})`
  writeFileSync(
    join(folder, 'environments.yaml'),
    `environments:
  production:
    site: http://127.0.0.1:${ports.site}
    metrics: [http://127.0.0.1:${ports.blue}/metrics]
    proxy: { adapter: nginx, config: ${folder}/nginx.conf, include: ${folder}/colors.conf, pid: ${folder}/nginx.pid }
    colors: { blue: "http://127.0.0.1:${ports.blue}", green: "http://127.0.0.1:${ports.green}" }
    start: '${port} setsid ${process.execPath} "$ARTIFACT/public/server.js" >/dev/null 2>&1 & echo $! > ${folder}/$COLOR.pid'
    stop: kill $(cat ${folder}/$COLOR.pid)
    frontend: false
`,
  )
  const blue = join(folder, 'shop-1.0.0/public/server.js')
  const started = spawn(process.execPath, [blue], {
    env: { ...process.env, PORT: String(ports.blue) },
    stdio: 'ignore',
  })
  writeFileSync(join(folder, 'blue.pid'), String(started.pid))
  vi.stubEnv('ENVIRONMENTS_FILE', join(folder, 'environments.yaml'))
  await startNginx('')
})

afterAll(async () => {
  await nginx?.stop()
  for (const color of ['blue', 'green']) {
    try {
      process.kill(Number(readFileSync(join(folder, `${color}.pid`), 'utf8')))
    } catch {
      // It does not run.
    }
  }
  vi.unstubAllEnvs()
  await cleanUp()
})

/** Starts nginx with these lines in its block `http`. */
async function startNginx(lines: string): Promise<void> {
  writeFileSync(join(folder, 'colors.conf'), upstream('weight=100', 'down'))
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off;\npid ${folder}/nginx.pid;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\n  access_log off;\n  client_body_temp_path ${folder};\n  ${lines}\n  upstream app { include ${folder}/colors.conf; }\n  server { listen 127.0.0.1:${ports.site}; location / { proxy_pass http://app; } }\n}\n`,
  )
  nginx = startComponent('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], folder, () => undefined)
  await untilUp(nginx, async () => (await fetch(`http://127.0.0.1:${ports.site}`)).ok)
}

const traffic = (...args: string[]) => runScript('traffic.ts', ...args, '--lab', 'production')
const deploy = (color: string, version: string) =>
  runScript(
    'deploy.ts',
    '--color',
    color,
    '--artifact',
    join(folder, `shop-${version}`),
    '--lab',
    'production',
  )

test('weights are refused while no answer confirms them, and the hint says how nginx names the color', async () => {
  const silent = await traffic('show')
  expect([silent.code, silent.stderr]).toEqual([1, expect.stringContaining('do not name their color')])
  expect(silent.stderr).toContain('add_header x-color')
  await nginx.stop()
  expect(await runScript('frontend-check.ts', '--lab', 'production')).toMatchObject({ code: 1 })
  const away = await traffic('show')
  expect([away.code, away.stderr]).toEqual([1, expect.stringContaining('does not answer')])
})

test('with the color from nginx, a color that runs an older version is replaced, and traffic moves to a color that listens alone', async () => {
  await startNginx(
    `map $upstream_addr $color { ~:${ports.blue}$ blue; ~:${ports.green}$ green; }\n  add_header x-color $color always;`,
  )
  expect(await traffic('live')).toMatchObject({ code: 0, stdout: 'blue\n' })
  for (const version of ['1.0.0', '2.0.0'])
    expect(await deploy('green', version)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`green runs ${version}`),
    })
  // The way back must work where the live version is dead.
  process.kill(Number(readFileSync(join(folder, 'blue.pid'), 'utf8')))
  await waitFor(
    () =>
      fetch(`http://127.0.0.1:${ports.blue}`).then(
        () => undefined,
        () => true,
      ),
    patienceMs,
  )
  expect(await traffic('set', '--green', '100')).toMatchObject({ code: 0, stderr: '' })
  expect(await (await fetch(`http://127.0.0.1:${ports.site}/version`)).json()).toEqual({ version: '2.0.0' })
  const look = () => runScript('frontend-check.ts', '--lab', 'production', '--browser', 'never')
  expect(await look()).toMatchObject({ code: 0, stdout: expect.stringContaining('"version":"2.0.0"') })
  // nginx would answer its users with 502.
  const back = await traffic('set', '--blue', '100')
  expect([back.code, back.stderr]).toEqual([1, expect.stringContaining('blue does not listen')])
  expect(await traffic('live')).toMatchObject({ code: 0, stdout: 'green\n' })
  writeFileSync(join(folder, 'colors.conf'), upstream('weight=100', 'down'))
  expect((await traffic('live')).stderr).toContain('has not loaded what the file says')
})

test('an nginx without its file of weights is refused by the name of the setting', async () => {
  const text = readFileSync(join(folder, 'environments.yaml'), 'utf8')
  writeFileSync(join(folder, 'environments.yaml'), text.replace(/include: [^,]+, /, ''))
  const ran = await traffic('show')
  expect([ran.code, ran.stderr]).toEqual([
    2,
    expect.stringContaining('environments.production.proxy.include'),
  ])
})
